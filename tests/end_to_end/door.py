"""Our house over a sandbox, in this process: requests knock at its door, and its worker acts when it is told to."""

from functools import cached_property

import httpx
from flask import Blueprint

from shopify_imagegen.admin import gate_of
from shopify_imagegen.admin.gate import session
from shopify_imagegen.dispatch import Dispatcher
from shopify_imagegen.sandbox.control import declare_app, uninstall_app
from shopify_imagegen.sandbox.shop.session_tokens import session_token
from shopify_imagegen.settings import parse
from shopify_imagegen.wiring import House, utc_now
from tests.end_to_end.house import SETTINGS, wait_for
from tests.fakes import FakeWork, empty_tables
from webhooks.app import create_app
from webhooks.install import install

SHOP = "ways-in.myshopify.com"
URL = "https://photos.example.com"
TOPICS = ["app/uninstalled", "app/scopes_update", "shop/redact"]


class Door:
    """Our house over a sandbox, with a page that says who asks and asks Shopify for the shop's name."""

    def __init__(self, sandbox, folder, **env):
        self.sandbox = sandbox
        declare_app(sandbox.store, {"url": URL, "topics": TOPICS})
        (folder / "imagegen.db").write_bytes(empty_tables())
        text = SETTINGS.format(folder=folder, sandbox=sandbox.base_url)
        self.house = House(parse(text, {"IMAGEGEN__APP__PUBLIC_URL": URL, **env}), waits=0.01)
        gate, page = gate_of(self.house), Blueprint("page", __name__)
        gate.guard(page)
        page.get("/who")(self.who)
        page.get("/seen")(lambda: {"shop": session().shop})
        consented = self.house.installing.consented
        ways = (gate.blueprint, page, install(consent=self.house.consent, consented=consented, public_url=URL))
        app = create_app(secrets=self.house.app_secrets, inbox=self.house.inbox, ready=dict, blueprints=ways)
        self.client = app.test_client()

    def who(self):
        return {"shop": session().shop, "name": self.house.shopify.installation.installed(session().shop).name}

    def open(self, page="/who", **changes):
        """Somebody opens the app in the shop's admin; */seen* asks nothing of Shopify."""
        app = self.sandbox.store.app
        token = session_token(SHOP, **{"client_id": app.client_id, "secret": app.client_secret} | changes)
        return self.client.get(page, headers={"Authorization": f"Bearer {token}"})

    def token(self):
        return self.house.shops.token(SHOP)

    def shop(self):
        return self.house.shops.find(SHOP)

    def late(self, **changes):
        """Let what is stored look as if it had been fetched long ago."""
        self.house.shops.save_token(SHOP, self.token().model_copy(update=changes), self.shop().scopes)

    def regrant(self, *scopes):
        """The merchant grants these from now on; Shopify says so."""
        url = f"{self.sandbox.base_url}/sandbox/api/shops/{SHOP}/scopes"
        httpx.post(url, json={"scopes": scopes}, trust_env=False).raise_for_status()

    def leave(self):
        """The merchant uninstalls the app; what Shopify says of it is still on its way."""
        uninstall_app(self.sandbox.store, self.sandbox.tokens, SHOP)

    def take_again(self):
        """The merchant installs the app again; nobody has opened it yet."""
        self.sandbox.store.shop(SHOP).installed = True

    def come_back(self):
        self.take_again()
        return self.open()

    def newest(self, topic):
        return [each for each in self.sandbox.store.webhooks.deliveries.values() if each.topic == topic][-1]

    def knock(self, topic, **headers):
        """What Shopify has said last of *topic*, at our door."""
        delivery = self.newest(topic)
        answer = self.client.post("/webhooks", data=delivery.body, headers=delivery.headers() | headers)
        assert 200 == answer.status_code

    def told(self, topic, **headers):
        """The same, and acted on, however often it is put off."""
        self.knock(topic, **headers)
        self.until_judged()

    def until_judged(self):
        wait_for(lambda: not (self.act() or self.house.inbox.postponed()), 20, self.house.inbox.postponed)

    def act(self):
        """What the worker does, once; how much there was to do."""
        return self.dispatcher.run_once()

    def outcome(self, topic):
        heard = self.house.inbox.find(self.newest(topic).webhook_id)
        return heard.outcome if heard else None

    def asked_to_forget(self):
        """Shopify asks, 48 hours after a store has left."""
        self.sandbox.store.announce_body(self.sandbox.store.shop(SHOP), ["shop/redact"], {"shop_domain": SHOP})

    @cached_property
    def leaving(self):
        return self.house.leaving(FakeWork())

    @cached_property
    def dispatcher(self):
        house = self.house
        return Dispatcher(
            inbox=house.inbox,
            watch=house.watch,
            shops=house.shops,
            jobs=house.jobs,
            starter=None,
            leaving=self.leaving,
            quiet_s=lambda shop: 0,
            scopes=house.settings.shopify.scopes,
            clock=utc_now,
        )

    def close(self):
        self.house.shopify.close()
        self.house.database.close()
