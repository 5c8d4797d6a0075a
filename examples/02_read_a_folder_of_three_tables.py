"""A folder with town.toml and a few short tables is a town: which site, when, with the money there is.

All numbers are synthetic.
"""

import tempfile
from pathlib import Path

import zhenxing

FILES = {
    "town.toml": '[town]\nname = "示例镇（合成）"\n\n[plan]\nbase_year = 2026\nhorizon_years = 4\n',
    "parks.csv": "park_id,vacant_mu\nP1,0\n",
    "sites.csv": "site_id,park_id,area_mu,floor_m2\nS1,P1,60,30000\nS2,P1,45,20000\n",
    "site_modes.csv": (
        "site_id,mode,released_share,displaced_share,public_cost_wan,annual_tax_gain_wan,annual_value_added_gain_wan\n"
        "S1,self,0.35,0.35,480,190,900\n"
        "S1,coop,0.58,0.7,2100,120,600\n"
        "S2,self,0.35,0.35,400,150,700\n"
    ),
    "budget.csv": "year,own_funds_wan\n2027,900\n2028,2000\n2029,2000\n2030,2000\n",
}

with tempfile.TemporaryDirectory() as place:
    for name, text in FILES.items():
        Path(place, name).write_text(text, encoding="utf-8")
    town = zhenxing.read_town(place)

for issue in zhenxing.check_inputs(town):
    print(f"{issue.level}: {issue.text.en}")
result = zhenxing.plan(town, zhenxing.PlanOptions(work=50))
print(f"value {result.summary['value_wan']:,.1f} 万元, {result.summary['status']}")
print(result.tables["plan_sites"].to_string(index=False))
print(result.tables["plan_exits"].to_string(index=False))
