"""Vectors of sixteen float32 numbers in compiled code, spelled out instead of left to the compiler.

A row of factors is as wide as the machine's registers, and nothing is checked or counted in the
loop. And the order of every sum is written down: whatever the width of a machine's registers, 16
lanes are added in the same order, so that a model comes out the same to the last bit on every
machine that has a fused multiply-add (x86-64 since 2013, every 64-bit ARM).

Vectors are read and written by address: the compiler counts references to arrays, and does so in
the middle of a loop as soon as a vector's function is given one.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

LANES: Final = 16
"""How many float32 numbers a vector holds: the 64 bytes of a cache line."""

SIZE: Final = 4
"""Bytes of a number."""

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
def load(_typing: Any, _address: Any) -> tuple[Any, _Emit]:
    """Return the vector at an address."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        vector = builder.load(builder.inttoptr(args[0], _IR_VECTOR.as_pointer()))
        vector.align = SIZE
        return vector

    return _LANES(types.intp), emit


@_operation
def load_one(_typing: Any, _address: Any) -> tuple[Any, _Emit]:
    """Return the single number at an address."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], _IR_FLOAT.as_pointer()))

    return types.float32(types.intp), emit


@_operation
def store(_typing: Any, _address: Any, _x: Any) -> tuple[Any, _Emit]:
    """Write a vector to an address."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], _IR_VECTOR.as_pointer())
        builder.store(args[1], place).align = SIZE
        return context.get_dummy_value()

    return types.void(types.intp, _LANES), emit


@_operation
def prefetch(_typing: Any, _address: Any) -> tuple[Any, _Emit]:
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
def splat(_typing: Any, _x: Any) -> tuple[Any, _Emit]:
    """Return a vector with x in every lane."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        empty = ir.Constant(_IR_VECTOR, ir.Undefined)
        first = builder.insert_element(empty, args[0], _IR_INT(0))
        from_first = ir.Constant(ir.VectorType(_IR_INT, LANES), [0] * LANES)
        return builder.shuffle_vector(first, empty, from_first)

    return _LANES(types.float32), emit


@_operation
def times(_typing: Any, _x: Any, _y: Any) -> tuple[Any, _Emit]:
    """Return x * y, lane by lane."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fmul(*args)

    return _LANES(_LANES, _LANES), emit


@_operation
def times_plus(_typing: Any, _x: Any, _y: Any, _z: Any) -> tuple[Any, _Emit]:
    """Return x * y + z, lane by lane, rounded once where the machine can."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_IR_VECTOR, [_IR_VECTOR] * 3)
        name = f"llvm.fmuladd.v{LANES}f32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return _LANES(_LANES, _LANES, _LANES), emit


@_operation
def total(_typing: Any, _x: Any, _y: Any) -> tuple[Any, _Emit]:
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
