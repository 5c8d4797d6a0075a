"""The benchmark suite of the joint plan: towns, peers, best known values, measurements and tables.

``python -m benchmarks.plan --help`` lists the commands; docs/plan_suite.md says what they measure.
"""
