"""The kernel: change a few whole numbers, put right what that breaks, use what is left over, keep it or take it back.

Plain Python that a compiler of numerical Python takes as it stands (``kernel``); both run alike, move for move: the
random numbers are drawn here, in whole numbers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhenxing.planning.solve.local.board import Board

Ints = npt.NDArray[np.int64]

# Changes that may put right what a move broke.
LONGEST_REPAIR = 24
# How far a limit may be overstepped by rounding alone.
SLACK = 1e-7
# The value of a plan that is not allowed.
NOTHING = -1e300


def draw(board: Board, count: int) -> int:
    """Return a number below ``count`` (Park and Miller's generator)."""
    seed = board.tally[0]["seed"] * 48271 % 2147483647
    board.tally[0]["seed"] = seed
    return seed % count  # type: ignore[no-any-return]  # records are untyped


def mark(board: Board, at: int, bad: bool) -> None:
    """Note whether a row holds."""
    place = board.rows[at]["place"]
    if bad == (place >= 0):
        return
    if bad:
        count = board.tally[0]["broken"]
        board.rows[at]["place"] = count
        board.rows[count]["broken"] = at
        board.tally[0]["broken"] = count + 1
    else:
        count = board.tally[0]["broken"] - 1
        moved = board.rows[count]["broken"]
        board.rows[place]["broken"] = moved
        board.rows[moved]["place"] = place
        board.rows[at]["place"] = -1
        board.tally[0]["broken"] = count


def choose(board: Board, at: int, chosen: bool) -> None:
    """Note whether a column stands above its lower bound."""
    place = board.columns[at]["place"]
    if chosen == (place >= 0):
        return
    if chosen:
        count = board.tally[0]["chosen"]
        board.columns[at]["place"] = count
        board.columns[count]["chosen"] = at
        board.tally[0]["chosen"] = count + 1
    else:
        count = board.tally[0]["chosen"] - 1
        moved = board.columns[count]["chosen"]
        board.columns[place]["chosen"] = moved
        board.columns[moved]["place"] = place
        board.columns[at]["place"] = -1
        board.tally[0]["chosen"] = count


def change(board: Board, at: int, step: int) -> None:
    """Add to one whole number and bring all rows up to date."""
    column = board.columns[at]
    column["whole"] += step
    choose(board, at, column["whole"] > column["lower"])
    board.tally[0]["linear"] += column["cost"] * step
    for entry in range(column["first"], column["last"]):
        which = board.by_column[entry]["at"]
        row = board.rows[which]
        old = row["activity"]
        new = old + board.by_column[entry]["value"] * step
        row["activity"] = new
        kind = row["kind"]
        if kind == 0:
            mark(board, which, new < row["floor"] - SLACK or new > row["ceiling"] + SLACK)
        elif kind == 1:
            gain = 0.0
            for more in range(row["more"], row["most"]):
                cap = board.pieces[more]["cap"]
                gain += board.pieces[more]["weight"] * (min(new, cap) - min(old, cap))
            board.tally[0]["rewarded"] += gain
        elif kind == 3:
            ready = row["floor"] - 0.5
            if (new > ready) != (old > ready):
                for more in range(row["more"], row["most"]):
                    needy = board.rows[board.needy[more]]
                    needy["assembled"] += 1 if new > ready else -1
                    mark(board, board.needy[more], needy["activity"] > needy["room"] * needy["assembled"] + SLACK)
        elif kind == 4:
            mark(board, which, new > row["room"] * row["assembled"] + SLACK)


def push(board: Board, at: int, step: int) -> None:
    """Change one whole number as part of the present move."""
    change(board, at, step)
    length = board.tally[0]["trail"]
    board.trail[length]["column"] = at
    board.trail[length]["step"] = step
    board.tally[0]["trail"] = length + 1
    board.columns[at]["stamp"] = board.tally[0]["round"]


def take_back(board: Board, length: int) -> None:
    """Undo the present move down to its first ``length`` changes."""
    while board.tally[0]["trail"] > length:
        last = board.tally[0]["trail"] - 1
        board.tally[0]["trail"] = last
        change(board, board.trail[last]["column"], -board.trail[last]["step"])


def fits(board: Board, at: int) -> bool:
    """Whether one more of a column breaks no limit of its rows."""
    for entry in range(board.columns[at]["first"], board.columns[at]["last"]):
        row = board.rows[board.by_column[entry]["at"]]
        kind = row["kind"]
        if kind == 0:
            new = row["activity"] + board.by_column[entry]["value"]
            if new < row["floor"] - SLACK or new > row["ceiling"] + SLACK:
                return False
        elif kind == 4 and row["activity"] + board.by_column[entry]["value"] > row["room"] * row["assembled"] + SLACK:
            return False
    return True


def worth(board: Board) -> float:
    """Return the value of a plan whose limits hold: displaced floor moves where there is land, the rest leaves.

    Land unused from a year on carries resettled floor from that year on, and the earlier floor moves the more it
    saves, so each year moves all it can. The town borrows only what it lacks; where that is above its limit the plan
    is not allowed and the year is noted.
    """
    tally = board.tally[0]
    years, land = tally["years"], tally["land"]
    for year in range(years):
        board.years[year]["room"] = 0.0
    for park in range(tally["parks"]):
        least = 1e300
        for year in range(years - 1, -1, -1):
            least = min(least, board.rows[land + park * years + year]["activity"])
            board.years[year]["room"] += max(least, 0.0) * board.parks[park]
    moved, balance, value = 0.0, 0.0, tally["linear"] + tally["rewarded"]
    for year in range(years):
        rules = board.years[year]
        floor = board.rows[tally["floor"] + year]["activity"]
        moving = 0.0
        if rules["moved"] > rules["left"]:
            moving = max(min(floor, rules["room"] - moved), 0.0)
        moved += moving
        value += rules["moved"] * moving + rules["left"] * (floor - moving)
        if balance < 0.0:
            balance *= 1.0 + tally["interest"]
        balance += board.rows[tally["money"] + year]["activity"]
        balance -= tally["moving"] * moving + tally["leaving"] * (floor - moving)
        if balance < 0.0:
            if -balance > rules["limit"] + SLACK:
                tally["bad_year"] = year
                return NOTHING
            value -= rules["borrowed"] * balance
    return value  # type: ignore[no-any-return]  # records are untyped


def relief(board: Board, at: int, upward: bool, step: int) -> bool:
    """Change the cheapest of a few whole numbers that move a row's activity the way it must go."""
    first, last = board.rows[at]["first"], board.rows[at]["last"]
    now = board.tally[0]["round"]
    best, best_loss, seen = -1, 0.0, 0
    entry = first + draw(board, max(last - first, 1))
    for _ in range(last - first):
        entry += 1
        if entry >= last:
            entry = first
        value = board.by_row[entry]["value"] * step
        column = board.columns[board.by_row[entry]["at"]]
        limit = column["upper"] if step > 0 else column["lower"]
        if (value > 0.0) != upward or column["whole"] == limit or column["stamp"] == now:
            continue
        loss = -column["cost"] * step / abs(value)
        if best < 0 or loss < best_loss:
            best, best_loss = board.by_row[entry]["at"], loss
        seen += 1
        if seen >= 6:
            break
    if best >= 0:
        push(board, best, step)
    return best >= 0


def nearest(board: Board, at: int) -> int:
    """Return the assembly, of a few that a row could use, that lacks the fewest sites; the row itself without any."""
    first, last = board.rows[at]["more"], board.rows[at]["most"]
    best, least = at, 1e300
    for _ in range(min(last - first, 4)):
        helper = board.helpers[first + draw(board, last - first)]
        lacking = board.rows[helper]["floor"] - board.rows[helper]["activity"]
        if 0.5 < lacking < least:
            best, least = helper, lacking
    return best


def repair(board: Board, longest: int) -> float:
    """Put right what a move broke, by further changes; return the plan's value, or nothing where it cannot be done."""
    for _ in range(longest):
        upward, step = True, -1
        if board.tally[0]["broken"] == 0:
            value = worth(board)
            if value > NOTHING:
                return value
            at = board.tally[0]["money"] + draw(board, board.tally[0]["bad_year"] + 1)
        else:
            at = board.rows[draw(board, board.tally[0]["broken"])]["broken"]
            upward = board.rows[at]["kind"] == 0 and board.rows[at]["activity"] < board.rows[at]["floor"]
            step = 1 if draw(board, 10) < 3 else -1
            if board.rows[at]["kind"] == 4 and draw(board, 4) > 0:
                # a landing that needs a platform: start one more site of the platform that lacks the fewest
                at, upward, step = nearest(board, at), True, 1
        if not relief(board, at, upward, step) and not relief(board, at, upward, -step):
            return NOTHING
    return worth(board) if board.tally[0]["broken"] == 0 else NOTHING


def refill(board: Board, value: float, tries: int) -> float:
    """Use what a move left over: add what fits beside what was changed as long as it pays."""
    for _ in range(tries):
        changed = board.columns[board.trail[draw(board, board.tally[0]["trail"])]["column"]]
        row = board.rows[board.by_column[changed["first"] + draw(board, changed["last"] - changed["first"])]["at"]]
        at = board.by_row[row["first"] + draw(board, row["last"] - row["first"])]["at"]
        column = board.columns[at]
        if column["whole"] >= column["upper"] or column["stamp"] == board.tally[0]["round"] or not fits(board, at):
            continue
        length = board.tally[0]["trail"]
        push(board, at, 1)
        after = worth(board) if board.tally[0]["broken"] == 0 else NOTHING
        if after > value:
            value = after
        else:
            take_back(board, length)
    return value


def opening(board: Board, wanted: Ints) -> bool:
    """Make the first change of a move: add something, put something elsewhere or at another time, take it away."""
    kind = draw(board, 100)
    if kind < 50 or board.tally[0]["chosen"] == 0:
        at = wanted[draw(board, len(wanted))]
        if board.columns[at]["whole"] >= board.columns[at]["upper"]:
            return False
        push(board, at, 1)
        return True
    at = board.columns[draw(board, board.tally[0]["chosen"])]["chosen"]
    if kind < 90:
        first, last = board.columns[at]["kin"], board.columns[at]["kin_end"]
        other = board.columns[first + draw(board, last - first)]["kin_list"]
        if other == at or board.columns[other]["whole"] >= board.columns[other]["upper"]:
            return False
        push(board, at, -1)
        push(board, other, 1)
    else:
        push(board, at, -1)
    return True


def run(board: Board, wanted: Ints, best: Ints, moves: int, heat: float, cooling: float) -> float:
    """Make moves; ``best`` takes the best plan met. Return its value.

    A move may cost up to ``heat`` times the square of a random share; heat falls to ``cooling`` of itself every
    hundredth of the moves.
    """
    value = worth(board)
    top = value
    for column in range(len(best)):
        best[column] = board.columns[column]["whole"]
    stage = max(moves // 100, 1)
    for move in range(moves):
        if move % stage == stage - 1:
            heat *= cooling
        board.tally[0]["round"] = move
        board.tally[0]["trail"] = 0
        if not opening(board, wanted):
            continue
        after = repair(board, LONGEST_REPAIR)
        if after > NOTHING:
            after = refill(board, after, 12)
        chance = draw(board, 1000000) / 1000000.0
        if after > NOTHING and after >= value - heat * chance * chance:
            value = after
            if value > top + 1e-9 * abs(top):
                top = value
                for column in range(len(best)):
                    best[column] = board.columns[column]["whole"]
        else:
            take_back(board, 0)
    return top


# What ``run`` calls, callees first.
PARTS = (draw, mark, choose, change, push, take_back, fits, worth, relief, nearest, repair, refill, opening)
