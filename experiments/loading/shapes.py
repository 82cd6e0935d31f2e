"""Which types may stand at a place of a spec.

Pydantic says where a value is wrong; what should have been there (the known keys for "did you
mean", the kind of thing for "in sentinel 'foo'") is read from the model's annotations here.
A shape is the tuple of types that a place accepts, unions and annotations opened.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

from typing_extensions import TypeAliasType

from models.spec import StrictModel

Shape: TypeAlias = tuple[Any, ...]


def shape_of(annotation: Any) -> Shape:
    """The types that `annotation` accepts, without `None`."""
    if isinstance(annotation, TypeVar):
        return ()
    if isinstance(annotation, TypeAliasType):
        return shape_of(annotation.__value__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return shape_of(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(part for arm in get_args(annotation) for part in shape_of(arm))
    return () if annotation is type(None) else (annotation,)


def step(shape: Shape, key: str | int) -> Shape:
    """The shape one key or index deeper; empty where nothing is known."""
    return tuple(part for one in shape for part in _step_one(one, key))


def models_of(shape: Shape) -> tuple[type[StrictModel], ...]:
    """The models among a shape's types."""
    return tuple(t for t in shape if isinstance(t, type) and issubclass(t, StrictModel))


def known_keys(shape: Shape) -> list[str]:
    """The keys, as a file spells them, of all models of a shape."""
    found = {
        field.alias or name: None
        for model in models_of(shape)
        for name, field in model.model_fields.items()
    }
    return list(found)


def choices(shape: Shape) -> list[str]:
    """The texts that a shape's literals and enumerations allow."""
    found: list[object] = []
    for one in shape:
        origin: Any = get_origin(one)
        if origin is Literal:
            found += get_args(one)
        elif isinstance(one, type) and issubclass(one, enum.Enum):
            found += [member.value for member in one]
    return [str(choice) for choice in found]


def is_table(shape: Shape) -> bool:
    """Whether the place is a mapping whose keys are the user's own names."""
    return any(_is_mapping(one) for one in shape)


def narrow(shape: Shape, label: str | int) -> Shape:
    """The arms of a union of models that `label` selects, by tag or class name; else empty.

    Pydantic puts such labels into error locations; they stand nowhere in the file.
    """
    models = models_of(shape)
    if len(models) < 2 or not isinstance(label, str):
        return ()
    return tuple(m for m in models if m.__name__ == label or label in _tags(m))


def _tags(model: type[StrictModel]) -> list[str]:
    fields = model.model_fields.values()
    return [tag for field in fields for tag in choices(shape_of(field.annotation))]


def _is_mapping(one: Any) -> bool:
    origin = get_origin(one)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _step_one(one: Any, key: str | int) -> Shape:
    arguments = get_args(one)
    if isinstance(key, int):
        origin: Any = get_origin(one)
        if not arguments or not isinstance(origin, type) or _is_mapping(one):
            return ()
        if origin is tuple and arguments[-1] is not Ellipsis:
            return shape_of(arguments[key]) if key < len(arguments) else ()
        return shape_of(arguments[0])
    if _is_mapping(one):
        return shape_of(arguments[1])
    for model in models_of((one,)):
        for name, field in model.model_fields.items():
            if key in (field.alias, name):
                return shape_of(field.annotation)
    return ()
