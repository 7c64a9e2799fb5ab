"""What may be asked of /nodes and /farms, and what it means."""

CSV, UINT, BOOL, WORD = "csv", "uint", "bool", "word"
PAGING = {"size": UINT, "page": UINT, "ret_count": BOOL, "sort_by": WORD, "sort_order": WORD}
KNOWN = {
    "/nodes": PAGING
    | {
        "status": CSV,
        "healthy": BOOL,
        "node_ids": CSV,
        "farm_ids": CSV,
        "country": WORD,
        "region": WORD,
        "dedicated": BOOL,
        "rented": BOOL,
        "rentable": BOOL,
        "has_gpu": BOOL,
        "has_ipv6": BOOL,
        "free_mru": UINT,
        "free_sru": UINT,
        "total_cru": UINT,
    },
    "/farms": PAGING | {"farm_id": UINT, "name": WORD, "country": WORD},
}
SORTED = {"node_id": "nodeId", "farm_id": "farmId", "price_usd": "price_usd", "uptime": "uptime"}
SIZE, LARGEST = 50, 1000


def read(path, pairs):
    """What was asked, by name. Raises ValueError as the real proxy refuses."""
    known, asked = KNOWN[path], {}
    for name, text in pairs:
        if name not in known:
            raise ValueError(f"invalid query parameter: {name!r}")
        asked[name] = _value(known[name], name, text)
    if not 1 <= asked.get("size", SIZE) <= LARGEST:
        raise ValueError(f"max page size is {LARGEST}")
    if asked.get("sort_by", "node_id") not in SORTED:
        raise ValueError(f"sort_by {asked['sort_by']!r} is not a field to sort by")
    return asked


def _value(kind, name, text):
    if kind == UINT:
        if not text.isdecimal():
            raise ValueError(f"{name}: {text!r} is no number")
        return int(text)
    if kind == BOOL:
        if text not in ("true", "false"):
            raise ValueError(f"{name}: {text!r} is neither true nor false")
        return text == "true"
    return text.split(",") if kind == CSV else text


def keeps(row, asked):
    """Whether a row keeps the filters."""
    return all(_keeps(row, name, value) for name, value in asked.items() if name not in PAGING)


def _keeps(row, name, value):
    match name:
        case "status":
            return row["status"] in value
        case "node_ids" | "farm_ids":
            return str(row["nodeId" if name == "node_ids" else "farmId"]) in value
        case "farm_id":
            return row["farmId"] == value
        case "has_gpu":
            return (row["num_gpu"] > 0) == value
        case "has_ipv6":
            return bool(row["publicConfig"]["ipv6"]) == value
        case "free_mru" | "free_sru":
            unit = name.removeprefix("free_")
            return row["total_resources"][unit] - row["used_resources"][unit] >= value
        case "total_cru":
            return row["total_resources"]["cru"] >= value
        case _:
            return row.get(name) == value


def order(rows, asked):
    """As was asked for; else in an order that nobody may count on."""
    if "sort_by" not in asked:
        return rows[::-1]
    key = SORTED[asked["sort_by"]]
    return sorted(rows, key=lambda row: row[key], reverse=asked.get("sort_order") == "desc")


def page(rows, asked):
    """(headers, the page's rows)."""
    size, number = asked.get("size", SIZE), asked.get("page", 1)
    headers = {}
    if asked.get("ret_count"):
        headers = {"count": len(rows), "size": size, "pages": -(-len(rows) // size)}
    return headers, rows[(number - 1) * size : number * size]
