"""What a machine account can be given: acts of its role, and to read."""

from shared.refusals import Refusal
from shared.scope import acts_of
from shared.tokens import READ

# A system that opens accounts could give itself whatever it lacks; what is erased is gone for good.
_FOR_PEOPLE_ONLY = frozenset({"administer", "erase_personal_data"})


class NoSuchScope(Refusal):
    """A machine account can do what its role may do, and no more."""

    code = "no_such_scope"
    title = "不能给这项权限"


def scopes_for(role: str) -> frozenset[str]:
    """Give what a machine account of a role can be given."""
    return frozenset({READ, *acts_of(role)}) - _FOR_PEOPLE_ONLY


def refuse_unfit_scopes(role: str, scopes: frozenset[str]) -> None:
    """Refuse to give nothing, or what the role does not have."""
    possible = scopes_for(role)
    if not scopes:
        raise NoSuchScope(
            "至少要给一项权限。不再使用的机器账号请停用或注销。", possible=sorted(possible)
        )
    if beyond := scopes - possible:
        raise NoSuchScope(
            "所选权限中有这个角色的机器账号不能有的，请对照“角色与权限”重选。账号管理不给机器账号。",
            beyond=sorted(beyond),
            possible=sorted(possible),
        )
