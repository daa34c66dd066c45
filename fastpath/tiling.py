"""How a Loop is cut into tiles and blocks, and what follows for the error of its sums.

Everything here depends on the loop alone, never on threads or instruction sets: so do the results.
A *tile* is what instructions work on, a *block* (some tiles) is what a thread claims.
"""

from __future__ import annotations

from math import ceil, log2, prod
from typing import NamedTuple

from .program import ALL, COLUMN, COLUMNS, FULL, MAP, ROWS, SEGMENTS, count_rows
from .table import LANES, PIECE, SHORT, SHORT_LANES

TILE = 1024             # elements: a few tiles of 8 bytes stay in the first-level cache
BLOCK = 32768           # elements: large against the price of claiming a block
COLUMN_BLOCKS = 32      # partial column sums are this many rows of results
COLUMN_CHUNK = 4096     # elements: columns of one unit of work where rows are long


class Tiling(NamedTuple):
    """Elements of a tile and of a block; how many blocks in all, and in a row (SEGMENTS)."""

    tile: int
    block: int
    blocks: int
    blocks_per_row: int


def tile_loop(loop, slots):
    """Return the Tiling of a Loop."""
    n = prod(loop.space)
    if n == 0:
        return Tiling(0, 0, 0, 0)
    if loop.mode == COLUMNS:
        return Tiling(COLUMN_CHUNK, COLUMN_CHUNK, _ceil_div(loop.row, COLUMN_CHUNK), 1)
    if loop.mode == ROWS:
        tile = max(1, TILE // loop.row) * loop.row
        block = _rows_in_block(loop, tile) * loop.row
        return Tiling(min(tile, n), block, _ceil_div(n, block), 1)
    tile = _whole(TILE, _common_period(loop))
    block = _whole(BLOCK, tile)
    length = loop.row if loop.mode == SEGMENTS else n
    per_row = _ceil_div(length, block)
    if loop.mode == MAP and _passes_through(loop, slots):       # nothing has to stay in the cache
        tile = PIECE if loop.accums else block
    return Tiling(min(tile, length), block, per_row * (n // length), per_row)


def _ceil_div(a, b):
    return -(-a // b)


def _whole(n, part):
    """The largest multiple of `part` up to n."""
    return n // part * part


def _rows_in_block(loop, tile):
    """Whole tiles; few blocks if each has a partial result for every column."""
    rows = max(1, BLOCK // tile) * tile // loop.row
    if any(a.kind == COLUMN for a in loop.accums):
        share = _ceil_div(count_rows(loop), COLUMN_BLOCKS)
        rows = max(rows, _ceil_div(share * loop.row, tile) * tile // loop.row)
    return rows


# ---- views as tiles ----

def collapse(shape, strides):
    """Drop axes of size 1 and join axes that are one in memory; strides in bytes."""
    out = []
    for n, s in zip(shape, strides, strict=True):
        if n == 1:
            continue
        if out and out[-1][1] == n * s:
            out[-1] = (out[-1][0] * n, s)
        else:
            out.append((n, s))
    return tuple([n for n, _ in out]), tuple([s for _, s in out])


def period(shape, strides):
    """After how many elements a collapsed view repeats itself: 1 for a scalar, 0 for never."""
    size = prod(shape)
    repeat = size
    for n, s in zip(shape, strides, strict=True):
        if s != 0 or size == 0:
            break
        repeat //= n
    return 0 if repeat == size != 1 else repeat


def _common_period(loop):
    """The longest period among the loads that fits in a tile: tiles are multiples of it."""
    periods = [period(*collapse(loop.space, load.strides)) for load in loop.loads]
    return max([p for p in periods if 0 < p <= TILE], default=1)


def may_write_directly(loop, slots, i):
    """Whether the register of store i may be the output memory itself.

    Not where a register is stored twice, nor at ROW level, nor where an input of the loop lies in
    the same memory (a temporary reused in place): it might be read after it was written.
    """
    store = loop.stores[i]
    if loop.registers[store.register].level != FULL or loop.mode == SEGMENTS:
        return False
    if any(s.register == store.register for s in loop.stores[:i]):
        return False
    if any(load.register == store.register for load in loop.loads):
        return False
    return not any(_overlap(slots[load.slot], slots[store.slot]) for load in loop.loads)


def _overlap(a, b):
    if a is b:
        return True
    return (a.kind == b.kind == "temp" and a.offset < b.offset + b.nbytes
            and b.offset < a.offset + a.nbytes)


def streams(loop, register):
    """Whether a register is only ever a contiguous input of the whole space."""
    strides = [collapse(loop.space, load.strides)[1] for load in loop.loads
               if load.register == register]
    written = any(instr.dst == register for instr in loop.instrs)
    return strides == [(loop.registers[register].dtype.itemsize,)] and not written


def _passes_through(loop, slots):
    """Whether every register is input or output memory itself."""
    direct = {store.register for i, store in enumerate(loop.stores)
              if may_write_directly(loop, slots, i)}
    return all(i in direct or streams(loop, i) for i in range(len(loop.registers)))


# ---- the error of sums ----

def row_depth(n):
    """How many additions an element passes through when a row of n elements is summed.

    The sum is then within row_depth(n) * eps * sum(|x|), to first order in eps.
    """
    if n > PIECE:
        return row_depth(PIECE) + _ceil_div(n, PIECE)
    if n < SHORT_LANES:
        return n
    lanes = LANES if n >= SHORT else SHORT_LANES
    return _ceil_div(n, lanes) + ceil(log2(lanes))


def sum_depth(loop, accum, slots):
    """The same for an accumulated sum: inside of tiles, over the tiles of a block, over blocks."""
    tiling = tile_loop(loop, slots)
    if loop.mode == COLUMNS:
        return count_rows(loop)
    blocks = max(1, tiling.blocks_per_row if loop.mode == SEGMENTS else tiling.blocks)
    over_blocks = ceil(log2(blocks))
    if accum.kind == COLUMN:
        return tiling.block // loop.row + over_blocks
    count = tiling.tile
    if accum.kind == ALL and loop.registers[accum.register].level != FULL:
        count = tiling.tile // loop.row
    length = min(tiling.block, loop.row if loop.mode == SEGMENTS else prod(loop.space))
    return row_depth(count) + _ceil_div(length, max(1, tiling.tile)) + over_blocks
