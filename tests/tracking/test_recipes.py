import pytest

from cartelera.errors import InputError
from cartelera.models.recipe import Recipe
from cartelera.tracking.recipes import are_alike, recipe_digest, recipe_of_card

MEMBER = {"n_factors": 20, "lr_all": 0.01, "random_state": 0, "biased": True}
RECIPE = Recipe("svd", (MEMBER,), {"n_factors": 64, "seed": 3})


def changed(member: dict | None = None, **ranking) -> Recipe:
    return Recipe("svd", (MEMBER | (member or {}),), {**RECIPE.ranking, **ranking})


def test_parameters_left_out_are_at_their_defaults():
    assert recipe_digest(RECIPE) == recipe_digest(changed(reg=5.0))
    assert recipe_digest(RECIPE) != recipe_digest(changed(reg=5.1))
    assert recipe_digest(RECIPE) != recipe_digest(changed({"random_state": 1}))


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (changed({"lr_all": 0.012, "random_state": 5}, n_factors=70, seed=9), True),
        (changed({"lr_all": 0.02}), False),
        (changed(n_factors=128), False),
        (changed(half_life=None), False),
        (changed({"biased": False}), False),
        (Recipe("surprise_svd", (MEMBER,), RECIPE.ranking), False),
        (Recipe("svd", (MEMBER, MEMBER), RECIPE.ranking), False),
    ],
)
def test_recipes_are_alike_up_to_seeds_and_a_quarter_of_a_number(other, alike):
    assert are_alike(RECIPE, other) is alike
    assert are_alike(other, RECIPE) is alike


def test_a_recipe_is_read_from_a_card():
    assert recipe_of_card({"recipe": RECIPE.to_json()}) == RECIPE
    for card in ({}, {"recipe": 1}, {"recipe": changed(n_factor=3).to_json()}):
        with pytest.raises(InputError, match="recipe"):
            recipe_of_card(card)
