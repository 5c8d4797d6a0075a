"""What one limit is worth: solve again with a little more of it, and compare. The town is synthetic."""

import zhenxing

town = zhenxing.random_town("XS", "money-tight", seed=0)
options = zhenxing.PlanOptions(work=50)
base = zhenxing.plan(town, options).summary["value_wan"]
print(f"as it is: {base:,.1f} 万元")
for column, factor in (("own_funds_wan", 1.2), ("title_capacity_mu", 1.2), ("effort_months", 1.2)):
    budget = town["budget"].assign(**{column: town["budget"][column] * factor})
    more = zhenxing.plan(town.replace(budget=budget), options).summary["value_wan"]
    print(f"{column:18} {factor - 1:+.0%}: {more - base:+10,.1f} 万元")
