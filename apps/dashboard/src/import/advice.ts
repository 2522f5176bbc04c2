/** What to change in a file where no member of the request answers its question: one sentence for each reading. */

/** Readings that leave what was read as it is: saying so answers the question. */
const AS_READ: readonly RegExp[] = [
  /^leave it empty$/,
  /^leave it out$/,
  /^a real return$/,
  /\(from the values\)$/,
  /^no$/,
  // Of a file without headings, which was read in the usual order.
  /^yes$/,
];

/** The first pattern that fits a reading has its advice. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^percent$/, "Write a % sign after each weight, or % into the heading."],
  [/^fractions$/, "Write the weights as fractions that sum to 1, such as 0.25."],
  [/^typing error$/, "Correct the weights in the file, or take the book and correct them in its table."],
  [
    /\(as written\)$/,
    "Correct the units or the price in the file so that they give this weight, or take the book and correct them in its table.",
  ],
  [/^targets from another file$/, "Take this book; then import the file with the targets: what is held stays."],
  [/^the price is in pence or percent$/, "Write the prices in the currency of the values: a price in pence divided by 100."],
  [/^the (quantity|value) is wrong$/, "Correct it in the row of the file, or take the book and correct its row."],
  [/^a row is (missing|wrong)$/, "Complete or correct the rows in the file; without that the book is what its rows say."],
  [/^the total is wrong$/, "Nothing has to change: the book is the sum of its rows, and the total is left out."],
  [/^all in ([A-Z]{3})$/, "Convert the amounts in the file: a book has one currency."],
  [/^no, map the columns$/, "Give the file a first row with a heading for each column, such as asset, quantity and price."],
  [/^a row is a total$/, "Delete the row from the file."],
  [/^none$/, "Delete the row from the file, or write 0 as its quantity."],
  [/^the amount$/, "Write it under the value, or call its column amount."],
  [/^the price of a unit$/, "Write how many units of cash there are as the quantity."],
  [/^a sign is wrong$/, "Correct the sign in the file: what is owed is negative, what is held is positive."],
  [/^yes, export it again$/, "Export the file again, as UTF-8 where the program asks."],
  [/^(day|month) first$/, "Write the dates as year, month and day: 2026-01-31."],
  [/^a wrong price$/, "Correct the price in the file."],
  [/^the (first|second) row$/, "Delete the other row of that date from the file."],
  [/^leave an asset out$/, "Delete the column of the asset with the fewest dates from the file."],
  [/^the (point|comma) separates decimals$/, "Write all numbers of the column with this mark."],
];

const ANY = "Change the file so that it says this, and import it again.";

/** Whether a reading is what was read: nothing has to change. */
export function isAsRead(reading: string): boolean {
  return AS_READ.some((pattern) => pattern.test(reading));
}

/** What to do in the file for a reading that the page cannot send. */
export function adviceFor(reading: string): string {
  return ADVICE.find(([pattern]) => pattern.test(reading))?.[1] ?? ANY;
}
