/** The content of a chosen file: a request in JSON, or bytes that the service reads. */

/** Bytes of a file whose base64 fits the 8 MiB that the service accepts. */
export const MAX_FILE_BYTES = 6_000_000;

/** The text of a file that is a request in JSON; nothing where it is another. */
export async function jsonIn(file: File): Promise<string | undefined> {
  const start = (await file.slice(0, 64).text()).replace(/^\ufeff/, "").trimStart();
  return /^[[{]/.test(start) ? file.text() : undefined;
}

/** The bytes of a file in base64. */
export function base64Of(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = (): void => done(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = (): void => failed(new Error("The file could not be read."));
    reader.readAsDataURL(file);
  });
}
