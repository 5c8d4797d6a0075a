"""Published numbers of regional science, computed again: textbooks, and world trade where ZHENXING_DATA is set."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from zhenxing.diagnosis.complexity import eci, pci
from zhenxing.diagnosis.concentration import (
    ellison_glaeser,
    herfindahl,
    krugman,
    location_quotient,
    shift_share,
)


def compare(name: str, printed: float, found: float, digits: int) -> None:
    verdict = "equal" if round(float(found), digits) == printed else "DIFFERENT"
    print(f"{name:58} {printed:>12} {float(found):>14.{digits}f}  {verdict}")


print(f"{'measure, where it is printed':58} {'printed':>12} {'zhenxing':>14}")

# One industry in a region, Farhauer and Kröll (2013), in the manual of REAT: locq
jobs = pd.DataFrame(
    {
        "region": ["region", "region", "economy", "economy"],
        "industry": ["industry", "rest"] * 2,
        "value": [1714, 79006 - 1714, 879213, 15593224 - 879213],
    }
)
quotient = location_quotient(jobs, reference="economy").set_index(["region", "industry"])["location_quotient"]
compare("location quotient, Farhauer & Kröll 2013", 0.3847623, quotient["region", "industry"], 7)

# Sales of four car makers, Dörsam (2004), in the manual of REAT: herf
sales = herfindahl(pd.DataFrame({"market": "cars", "sales": [20, 50, 20, 10]}), "market", None, "sales").loc[0]
compare("Herfindahl, Dörsam 2004", 0.34, sales["herfindahl"], 2)
compare("Herfindahl, normalised", 0.12, sales["normalised"], 2)
compare("Herfindahl, equivalent number", 2.94, sales["equivalent"], 2)

# Two regions without a common industry, Farhauer and Kröll (2013), in the manual of REAT: krugman.spec
two = pd.DataFrame(
    {
        "region": ["j"] * 5 + ["l"] * 5,
        "industry": list("abcde") * 2,
        "value": [20, 10, 70, 0, 0, 0, 0, 0, 60, 40],
    }
)
compare("Krugman, Farhauer & Kröll 2013", 2.0, krugman(two, reference="l").loc[0, "krugman"], 1)

# Ten plants in three regions, Farhauer and Kröll (2014), in the manual of REAT: ellison.a
plants = pd.DataFrame(
    {
        "region": ["Wien"] * 5 + ["Linz"] * 4 + ["Graz"],
        "industry": "industry",
        "value": [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000],
    }
)
sizes = pd.DataFrame({"region": ["Wien", "Linz", "Graz"], "value": [500000, 400000, 100000]})
gamma = ellison_glaeser(plants, totals=sizes).loc[0, "gamma"]
compare("Ellison-Glaeser, Farhauer & Kröll 2014", 0.05990628, gamma, 8)

# Three regions, four industries, two years, Farhauer and Kröll (2013): the parts add up to the change
first = {"A": [90, 20, 10, 60], "B": [60, 30, 30, 40], "C": [250, 100, 110, 300]}
last = {"A": [100, 40, 10, 55], "B": [85, 55, 40, 35], "C": [255, 115, 85, 390]}
growth = pd.DataFrame(
    [
        (region, industry, year, number)
        for year, table in ((0, first), (1, last))
        for region, numbers in table.items()
        for industry, number in enumerate(numbers)
    ],
    columns=["region", "industry", "year", "value"],
)
parts = shift_share(growth).groupby("region").sum(numeric_only=True)
print("\nShift-share of the regions of Farhauer & Kröll 2013")
print(parts[["change", "national", "industry_mix", "regional"]].round(2).to_string())

# World trade 1998-2000: the vignette of the R package economiccomplexity prints its first five countries and products
source = Path(os.environ.get("ZHENXING_DATA", "")) / "trade" / "world_trade_1998_2000.csv.gz"
if "ZHENXING_DATA" in os.environ and source.exists():
    trade = pd.read_csv(source, dtype={"product": str})
    countries = eci(trade, "country", "product", "value").set_index("country")["eci"]
    products = pci(trade, "country", "product", "value").set_index("product")["pci"]
    # R divides by n - 1, and standardises the products by themselves
    countries *= np.sqrt((len(countries) - 1) / len(countries))
    products = (products - products.mean()) / products.std()
    print(
        "\nWorld trade 1998-2000, 226 countries, 785 products; vignette of economiccomplexity, 2020-02-20, eigenvalues"
    )
    printed = {"afg": -0.5764283, "ago": -1.7770752, "aia": 1.4090414, "alb": -0.1732606, "and": 1.0772452}
    for country, value in printed.items():
        compare(f"ECI {country}", value, countries[country], 7)
    printed = {"0011": -0.66657613, "0012": -1.62657599, "0013": -0.08149436, "0014": 0.19917280, "0015": 0.14935653}
    for product, value in printed.items():
        compare(f"PCI {product}", value, products[product], 8)
else:
    print("\nSet ZHENXING_DATA to the folder of trade/world_trade_1998_2000.csv.gz for the table of world trade.")
