"""The default mode's inner loop: float32, sixteen factors at a time.

The vectors are spelled out instead of left to the compiler, for two reasons. It is faster: a row of
factors is as wide as the machine's registers, and nothing is checked or counted in the loop. And
the order of every sum is written down: whatever the width of a machine's registers, 16 lanes are
added in the same order, so that a model comes out the same to the last bit on every machine that
has a fused multiply-add (x86-64 since 2013, every 64-bit ARM).

Vectors are read and written by address: the compiler counts references to arrays, and does so in
the middle of a loop as soon as a vector's function is given one.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

from cartelera.factorization.kernels import Codes, Rates, compiled

LANES: Final = 16
"""How many float32 numbers a vector holds: the 64 bytes of a cache line."""

_AHEAD: Final = 8
"""How many ratings before their turn factors are asked for; 2 to 16 measured about the same."""
_SIZE: Final = 4  # bytes of a float32

Vector: TypeAlias = NDArray[np.float32]
_Emit: TypeAlias = Callable[[Any, Any, Any, Any], Any]

_IR_FLOAT: Final = ir.FloatType()
_IR_INT: Final = ir.IntType(32)
_IR_VECTOR: Final = ir.VectorType(_IR_FLOAT, LANES)


class _LanesType(types.Type):
    """The compiler's type of a vector of `LANES` numbers."""

    def __init__(self):
        super().__init__(name=f"float32x{LANES}")


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Any):
        super().__init__(manager, lanes, _IR_VECTOR)


_LANES = _LanesType()


def _operation(typed: Callable[..., tuple[Any, _Emit]]) -> Callable[..., Any]:
    """Let compiled code call what gives a type and emits instructions."""
    return intrinsic(typed)


@_operation
def _load(_typing: Any, _address: Any) -> tuple[Any, _Emit]:
    """Give the vector at an address."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        vector = builder.load(builder.inttoptr(args[0], _IR_VECTOR.as_pointer()))
        vector.align = _SIZE
        return vector

    return _LANES(types.intp), emit


@_operation
def _load_one(_typing: Any, _address: Any) -> tuple[Any, _Emit]:
    """Give the single number at an address."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], _IR_FLOAT.as_pointer()))

    return types.float32(types.intp), emit


@_operation
def _store(_typing: Any, _address: Any, _x: Any) -> tuple[Any, _Emit]:
    """Write a vector to an address."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], _IR_VECTOR.as_pointer())
        builder.store(args[1], place).align = _SIZE
        return context.get_dummy_value()

    return types.void(types.intp, _LANES), emit


@_operation
def _prefetch(_typing: Any, _address: Any) -> tuple[Any, _Emit]:
    """Ask the memory for the vector at an address, without waiting for it."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _IR_INT, _IR_INT, _IR_INT])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        to_write, to_keep, data = _IR_INT(1), _IR_INT(3), _IR_INT(1)
        builder.call(function, [builder.inttoptr(args[0], byte), to_write, to_keep, data])
        return context.get_dummy_value()

    return types.void(types.intp), emit


@_operation
def _splat(_typing: Any, _x: Any) -> tuple[Any, _Emit]:
    """Give a vector with x in every lane."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        empty = ir.Constant(_IR_VECTOR, ir.Undefined)
        first = builder.insert_element(empty, args[0], _IR_INT(0))
        from_first = ir.Constant(ir.VectorType(_IR_INT, LANES), [0] * LANES)
        return builder.shuffle_vector(first, empty, from_first)

    return _LANES(types.float32), emit


@_operation
def _times(_typing: Any, _x: Any, _y: Any) -> tuple[Any, _Emit]:
    """Give x * y, lane by lane."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fmul(*args)

    return _LANES(_LANES, _LANES), emit


@_operation
def _times_plus(_typing: Any, _x: Any, _y: Any, _z: Any) -> tuple[Any, _Emit]:
    """Give x * y + z, lane by lane, rounded once where the machine can."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_IR_VECTOR, [_IR_VECTOR] * 3)
        name = f"llvm.fmuladd.v{LANES}f32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return _LANES(_LANES, _LANES, _LANES), emit


@_operation
def _sum(_typing: Any, _x: Any, _y: Any) -> tuple[Any, _Emit]:
    """Add x to y, then the upper half of the lanes to the lower, until one is left."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        vector, width = builder.fadd(*args), LANES
        while width > 1:
            half = width // 2
            empty = ir.Constant(vector.type, ir.Undefined)
            lower, upper = (
                builder.shuffle_vector(
                    vector,
                    empty,
                    ir.Constant(ir.VectorType(_IR_INT, half), list(range(start, start + half))),
                )
                for start in (0, half)
            )
            vector, width = builder.fadd(lower, upper), half
        return builder.extract_element(vector, _IR_INT(0))

    return types.float32(_LANES, _LANES), emit


@numba.njit(inline="always")
def _ask_for(address: int, n_bytes: int) -> None:
    for place in range(address, address + n_bytes, _SIZE * LANES):
        _prefetch(place)


@numba.njit(inline="always")
def _dot(p: int, q: int, n_factors: int) -> np.float32:
    """Give p_u . q_i from the rows' addresses: two sums take turns, so that none need wait."""
    even = _splat(np.float32(0))
    odd = even
    f = 0
    while f + 2 * LANES <= n_factors:
        even = _times_plus(_load(p + _SIZE * f), _load(q + _SIZE * f), even)
        f += LANES
        odd = _times_plus(_load(p + _SIZE * f), _load(q + _SIZE * f), odd)
        f += LANES
    if f + LANES <= n_factors:
        even = _times_plus(_load(p + _SIZE * f), _load(q + _SIZE * f), even)
        f += LANES
    dot = _sum(even, odd)
    while f < n_factors:
        dot += _load_one(p + _SIZE * f) * _load_one(q + _SIZE * f)
        f += 1
    return dot


@compiled
def sgd_blocks(
    first: int,
    last: int,
    starts: NDArray[np.int64],
    users: Codes,
    titles: Codes,
    values: Vector,
    offset: np.float32,
    bu: Vector,
    bi: Vector,
    pu: Vector,
    qi: Vector,
    biased: bool,
    lr: Rates,
    reg: Rates,
    squared_errors: NDArray[np.float64],
) -> None:
    """Go through the ratings of some blocks once, in their order, and update the model in place.

    `x += lr (err y - reg x)`, the update of both factors and biases, is computed as
    `x = (1 - lr reg) x + (lr err) y`.

    Args:
        first: Position of the first block.
        last: Position behind the last block.
        starts: Where each block's ratings begin, and where the last one's end.
        users: Rows of `pu`; shape (n_ratings,).
        titles: Rows of `qi`; shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        offset: The global mean, or 0 for a model without biases.
        bu: User biases; shape (n_users,).
        bi: Title biases; shape (n_titles,).
        pu: User factors, filled up with zeros to a multiple of `LANES` columns.
        qi: Title factors, likewise.
        biased: Whether the biases are learned.
        lr: Learning rates.
        reg: Regularisation terms.
        squared_errors: Gets, for each block, the sum of squared errors, each taken just before its
            rating's update.
    """
    lr_bu, lr_bi = np.float32(lr[0]), np.float32(lr[1])
    lr_pu, lr_qi = np.float32(lr[2]), np.float32(lr[3])
    keep_bu, keep_bi = np.float32(1 - lr[0] * reg[0]), np.float32(1 - lr[1] * reg[1])
    keep_pu = _splat(np.float32(1 - lr[2] * reg[2]))
    keep_qi = _splat(np.float32(1 - lr[3] * reg[3]))
    n_columns = pu.shape[1]
    row_bytes = _SIZE * n_columns
    first_p, first_q = pu.ctypes.data, qi.ctypes.data
    for block in range(first, last):
        end = starts[block + 1]
        squared = 0.0
        for row in range(starts[block], end):
            u = np.intp(users[row])
            i = np.intp(titles[row])
            p, q = first_p + u * row_bytes, first_q + i * row_bytes
            coming = min(row + _AHEAD, end - 1)
            _ask_for(first_q + np.intp(titles[coming]) * row_bytes, row_bytes)
            if users[coming] != users[row]:
                _ask_for(first_p + np.intp(users[coming]) * row_bytes, row_bytes)
            err = values[row] - (offset + bu[u] + bi[i] + _dot(p, q, n_columns))
            squared += np.float64(err) * np.float64(err)
            if biased:
                bu[u] = keep_bu * bu[u] + lr_bu * err
                bi[i] = keep_bi * bi[i] + lr_bi * err
            step_pu, step_qi = _splat(lr_pu * err), _splat(lr_qi * err)
            for f in range(0, row_bytes, _SIZE * LANES):
                puf, qif = _load(p + f), _load(q + f)
                _store(p + f, _times_plus(step_pu, qif, _times(puf, keep_pu)))
                _store(q + f, _times_plus(step_qi, puf, _times(qif, keep_qi)))
        squared_errors[block] = squared


@compiled
def predict_pairs(
    users: Codes,
    titles: Codes,
    offset: float,
    bu: Vector,
    bi: Vector,
    pu: Vector,
    qi: Vector,
    estimates: NDArray[np.float64],
) -> None:
    """Predict the rating of each pair, not clipped, into `estimates`.

    A negative code is an unknown user or title: what would come from it is left out of the sum.
    """
    n_factors = pu.shape[1]
    row_bytes = _SIZE * n_factors
    first_p, first_q = pu.ctypes.data, qi.ctypes.data
    for row in range(len(users)):
        u = np.intp(users[row])
        i = np.intp(titles[row])
        estimate = offset
        if u >= 0:
            estimate += bu[u]
        if i >= 0:
            estimate += bi[i]
        if u >= 0 and i >= 0:
            estimate += _dot(first_p + u * row_bytes, first_q + i * row_bytes, n_factors)
        estimates[row] = estimate
