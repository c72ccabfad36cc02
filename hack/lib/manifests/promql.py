"""What a PromQL expression names, as far as tests need it: metrics and joins, not a parser."""

import re

WORDS = {
    "and", "or", "unless", "on", "ignoring", "by", "without", "group_left", "group_right", "bool", "offset", "start",
    "end", "inf", "nan",
}
FUNCTIONS = {
    "abs", "absent", "avg", "avg_over_time", "clamp_max", "clamp_min", "count", "count_over_time", "day_of_month",
    "days_in_month", "group", "histogram_quantile", "hour", "increase", "label_replace", "last_over_time", "max", "max_over_time", "min",
    "minute", "rate", "round", "scalar", "sort_desc", "sum", "sum_over_time", "time", "topk", "vector",
}
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
BY_NAME = re.compile(r'__name__\s*=~?\s*"([^"]*)"')


def metrics(expression):
    """The names of all metrics an expression selects."""
    found = set()
    for alternatives in BY_NAME.findall(expression):
        found.update(alternatives.split("|"))
    text = re.sub(r'"(\\.|[^"\\])*"', '""', expression)
    text = re.sub(r"\{[^{}]*\}", "{}", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", r" ", text)
    # Durations of ranges, subqueries and offsets, and numbers.
    text = re.sub(r"\[[^\[\]]*\]", "", text)
    text = re.sub(r"\boffset\s+-?[0-9a-z]+", "", text)
    text = re.sub(r"(?<![a-zA-Z0-9_:])[0-9][0-9.]*(e[0-9]+)?", "", text)
    for word in NAME.findall(text):
        if word not in WORDS and word not in FUNCTIONS:
            found.add(word)
    return found


def joins(expression):
    """The label lists of all `on (…)`."""
    return [
        {name.strip() for name in labels.split(",") if name.strip()}
        for labels in re.findall(r"\bon\s*\(([^()]*)\)", expression)
    ]
