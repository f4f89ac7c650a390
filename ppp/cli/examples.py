"""What `ppp --help` says of each command in one line, and the examples that end its own help. Each example works in a clone of the project
after the ones above it; reports are made by `ppp batch params`."""

from __future__ import annotations

SUMMARY = {
    "new": "Write a project file to start from.",
    "check": "Say everything that is wrong with files.",
    "report": "Make the report of one project.",
    "compare": "Set scenarios or projects side by side.",
    "solve": "Find the payment for a target return.",
    "sensitivity": "Show what each input does to a result.",
    "simulate": "Draw the uncertain inputs many times.",
    "workbook": "Write the model as a live workbook.",
    "assurance": "Fill a statement for who signs.",
    "batch": "Make the reports of many projects.",
    "portfolio": "Make the report of a district.",
    "pack": "Put a meeting's reports into one PDF.",
    "verify": "Find reports that were altered.",
    "schema": "Write the schema by which editors help.",
}

EXAMPLES = {
    "new": (("ppp new my-project.yaml", "with my-district.yaml, the budget that bears it"),),
    "check": (
        ("ppp check my-project.yaml", "every problem with its line and what to write"),
        ("ppp check params", "every file of a folder"),
    ),
    "report": (
        ("ppp report params/wastewater.yaml", "both languages, into reports/wastewater-plant/"),
        ("ppp report params/wastewater.yaml#adverse --lang zh", "one scenario, in Chinese"),
        ("ppp report params/school.yaml --format html,pdf,docx,xlsx", "the forms for a meeting too"),
    ),
    "compare": (
        ("ppp compare params/wastewater.yaml", "the base case and every scenario"),
        ("ppp compare params/school.yaml params/hospital.yaml", "two projects"),
        ("ppp compare params/toll-road.yaml -o reports", "with a report of the comparison"),
    ),
    "solve": (
        (
            "ppp solve params/hospital.yaml --for availability_payment --target equity_irr=8%",
            "the payment that earns shareholders 8 %",
        ),
        ("ppp solve params/toll-road.yaml --for tariff --target dscr_min=1.3", "the tariff that a lender asks for"),
    ),
    "sensitivity": (
        ("ppp sensitivity params/toll-road.yaml", "the inputs that have a range"),
        (
            "ppp sensitivity params/toll-road.yaml --result equity_irr --target equity_irr=7%",
            "with break-even values",
        ),
    ),
    "simulate": (
        ("ppp simulate params/toll-road.yaml --draws 4096", "probabilities and percentiles"),
        ("ppp simulate params/toll-road.yaml --loan held --draws 100000 --jobs 2", "the signed loan under stress"),
    ),
    "workbook": (("ppp workbook params/school.yaml -o school.xlsx --lang zh", "formulas instead of values"),),
    "assurance": (("ppp assurance params/school.yaml", "what was checked, what was not, and room to sign"),),
    "batch": (
        ("ppp batch params -o reports --lang zh,en", "every project below params/, and an index"),
        ("ppp batch params -o reports --force --jobs 2", "again, though nothing changed"),
    ),
    "portfolio": (("ppp portfolio params/districts/dalian-illustrative.yaml --lang zh", "all projects of a district"),),
    "pack": (('ppp pack reports --title "Review of 12 June" --lang zh', "of a folder that ppp batch wrote"),),
    "verify": (("ppp verify reports", "against the hashes of the manifests"),),
    "schema": (("ppp schema schema", "schema/project.json and schema/district.json"),),
}

FIRST_STEPS = (
    ("ppp new my-project.yaml", "an example to fill with your figures"),
    ("ppp check my-project.yaml", "what is wrong, where, what to write"),
    ("ppp report my-project.yaml", "the report, in English and Chinese"),
    ("ppp compare my-project.yaml", "its scenarios side by side"),
)


def shown(examples: tuple[tuple[str, str], ...]) -> str:
    """Examples as lines: what it is for in a comment above each command, as a shell would take them."""
    return "\n".join(f"  # {what}\n  {command}" for command, what in examples)


def first_steps() -> str:
    width = max(len(command) for command, _ in FIRST_STEPS)
    return "\n".join(f"  {command:{width}}  # {what}" for command, what in FIRST_STEPS)


def epilog(command: str) -> str:
    """The end of a command's help; the mark keeps its lines from being filled."""
    return f"\b\nExamples:\n{shown(EXAMPLES[command])}"
