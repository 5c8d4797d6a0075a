"""What deciding everything together is worth over deciding year by year, or land first and firms later.

The town is synthetic and small; differences vary from town to town.
"""

import zhenxing

town = zhenxing.random_town("XS", "land-tight", seed=1)
values = {}
for method in ("joint", "staged", "greedy"):
    result = zhenxing.plan(town, zhenxing.PlanOptions(work=50, method=method))
    values[method] = result.summary["value_wan"]
    landed = int(result.tables["plan_landings"]["count"].sum())
    print(f"{method:7} value {values[method]:10,.1f} 万元, {len(result.tables['plan_sites'])} sites, {landed} firms")

for method in ("staged", "greedy"):
    print(f"joint over {method}: {values['joint'] - values[method]:,.1f} 万元")
