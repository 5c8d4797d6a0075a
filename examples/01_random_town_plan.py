"""Plan a small random town and check the plan by the second implementation. All numbers are synthetic."""

import zhenxing

town = zhenxing.random_town("XS", "balanced", seed=0)
print(f"{len(town['sites'])} sites, {len(town['candidates'])} candidates, years {town.years[0]} to {town.years[-1]}")

result = zhenxing.plan(town, zhenxing.PlanOptions(work=50))
summary = result.summary
print(f"status {summary['status']}: value {summary['value_wan']:,.1f} 万元")
print(f"bound {summary['bound_wan']:,.1f} 万元, gap {summary['gap']:.2%}")
print(result.tables["plan_sites"].to_string(index=False))

found = zhenxing.evaluate(town, result.tables)
print(f"allowed {found.allowed}, value again {found.value_wan:,.1f} 万元")
money = found.money[["year", "own_funds_wan", "land_income_wan", "outlay_wan", "debt_wan", "cash_wan"]]
print(money.round(1).to_string(index=False))
