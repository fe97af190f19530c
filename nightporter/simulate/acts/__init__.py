"""What does not happen every day: three insiders, and the innocent who come close to them."""

from nightporter.simulate.acts.borrowed_card import BORROWED_CARD
from nightporter.simulate.acts.campaign import Campaign
from nightporter.simulate.acts.cards import FORGOTTEN_CARD, REISSUED_CARD
from nightporter.simulate.acts.changes import CHANGES
from nightporter.simulate.acts.courier import FRIDAY_RESULTS
from nightporter.simulate.acts.house_calls import HOUSE_CALLS
from nightporter.simulate.acts.leaver import LEAVER
from nightporter.simulate.acts.migration import MIGRATION
from nightporter.simulate.acts.on_call import ON_CALL
from nightporter.simulate.acts.quiet_administrator import QUIET_ADMINISTRATOR
from nightporter.simulate.acts.rotas import ROTAS
from nightporter.simulate.acts.trade_fair import TRADE_FAIR

CAMPAIGNS: tuple[Campaign, ...] = (
    QUIET_ADMINISTRATOR, LEAVER, BORROWED_CARD,
    *ROTAS, MIGRATION, TRADE_FAIR, FORGOTTEN_CARD, REISSUED_CARD, ON_CALL, *CHANGES,
    *HOUSE_CALLS, FRIDAY_RESULTS,
)  # fmt: skip

__all__ = ["CAMPAIGNS", "Campaign"]
