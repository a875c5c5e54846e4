"""`make bench`: every figure, one group after the other."""

from __future__ import annotations

from tests.bench import console, evidence, first_paint, jobs, sweep, traffic


def main() -> None:
    """Print the figures; nothing here passes or fails."""
    for title, report in (
        ("First paint", first_paint.report),
        ("Traffic", traffic.report),
        ("Job", jobs.report),
        ("Sweep", sweep.report),
        ("Console", console.report),
        ("Evidence", evidence.report),
    ):
        print(title)
        for line in report():
            print(f"  {line}")


if __name__ == "__main__":
    main()
