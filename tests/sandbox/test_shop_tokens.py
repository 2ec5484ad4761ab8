"""The token endpoint: client credentials, refresh, token exchange, and what ends a token."""

import pytest

from shopify_imagegen.sandbox.shop.session_tokens import session_token

APP = {"client_id": "sandbox-client-id", "client_secret": "sandbox-client-secret"}
SESSION = {"client_id": APP["client_id"], "secret": APP["client_secret"]}
EXCHANGE = {
    **APP,
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
    "expiring": "1",
}


def grant(shop, *, how="data", **form):
    return shop.http.post(f"/shops/{shop.shop}/admin/oauth/access_token", **{how: {**APP, **form}})


def works(shop, token):
    return 200 == shop.post("{ shop { name } }", token=token).status_code


@pytest.mark.parametrize("how", ["data", "json"])
def test_client_credentials_open_the_shop(shop, how):
    """A form or JSON: Shopify takes both."""
    granted = grant(shop, how=how, grant_type="client_credentials").json()

    assert ("write_products,write_files", 86399) == (granted["scope"], granted["expires_in"])
    assert works(shop, granted["access_token"])


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "application_cannot_be_found"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "shprt_x"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_gets_nothing(shop, form, status, error):
    """`doctor` has to tell a wrong secret from a wrong client id."""
    response = grant(shop, **{"grant_type": "client_credentials"} | form)

    assert (status, error) == (response.status_code, response.json()["error"])


def test_a_session_token_is_exchanged(shop):
    """How an embedded app gets its first offline token."""
    granted = grant(shop, **EXCHANGE, subject_token=session_token(shop.shop, **SESSION)).json()

    assert (3600, 7776000) == (granted["expires_in"], granted["refresh_token_expires_in"])
    assert works(shop, granted["access_token"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "forged"},
        {"client_id": "other-app"},
        {"at": 1_700_000_000},
        {"shop": "other.myshopify.com"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_bad_session_token_is_refused(shop, wrong):
    """One minute, one app, one shop, one secret."""
    token = session_token(**{"shop": shop.shop} | SESSION | wrong)
    response = grant(shop, **EXCHANGE, subject_token=token)

    assert (400, "invalid_subject_token") == (response.status_code, response.json()["error"])


def test_refreshing_turns_both_tokens_over(shop):
    """The old refresh token lives until the new one is first used: a lost answer can be asked for again."""
    first = grant(shop, **EXCHANGE, subject_token=session_token(shop.shop, **SESSION)).json()["refresh_token"]
    refresh = {"grant_type": "refresh_token"}
    second = grant(shop, **refresh, refresh_token=first).json()

    assert works(shop, second["access_token"])
    again = grant(shop, **refresh, refresh_token=first)
    assert 200 == again.status_code
    grant(shop, **refresh, refresh_token=again.json()["refresh_token"])
    assert 400 == grant(shop, **refresh, refresh_token=first).status_code


@pytest.mark.parametrize("token", ["", "rubbish", "a.b.c", "é.é.é"])
def test_rubbish_is_no_session_token(shop, token):
    """And no exception either."""
    assert 400 == grant(shop, **EXCHANGE, subject_token=token).status_code


@pytest.mark.parametrize("action", ["expire", "revoke"])
def test_a_token_can_be_ended(shop, action):
    """The app must get a new one, or say that it has none."""
    assert works(shop, shop.token)
    answer = shop.control("POST", "tokens", json={"action": action, "shop": shop.shop})

    assert {"tokens": 1} == answer.json()
    assert not works(shop, shop.token)


def test_static_tokens_can_be_minted(shop):
    """For shops added with `shops add DOMAIN --token`."""
    minted = shop.control("POST", "tokens", json={"shop": shop.shop, "scopes": ["read_products"]}).json()

    assert "read_products" == minted["scope"]
    assert works(shop, minted["access_token"])


def test_the_scopes_of_a_token_are_told(shop):
    """`doctor` compares them with what the settings want."""
    scopes = shop.data("Installation")["accessScopes"]

    assert ["write_products", "write_files"] == [scope["handle"] for scope in scopes]


def test_uninstalling_ends_everything_until_the_app_is_installed_again(shop):
    """What a merchant can do at any moment."""
    shop.control("POST", f"shops/{shop.shop}/uninstall")
    session = session_token(shop.shop, **SESSION)

    assert not works(shop, shop.token)
    asked = [{"grant_type": "client_credentials"}, {**EXCHANGE, "subject_token": session}]
    assert ["app_not_installed"] * 2 == [grant(shop, **each).json()["error"] for each in asked]
    shop.control("POST", f"shops/{shop.shop}/install")
    assert [200] * 2 == [grant(shop, **each).status_code for each in asked]


def test_a_new_exchange_voids_the_refresh_token_before_it(shop):
    """One is good for an app and a shop; whoever exchanges twice must keep the second."""
    first, second = (grant(shop, **EXCHANGE, subject_token=session_token(shop.shop, **SESSION)).json() for _ in "ab")

    assert 400 == grant(shop, grant_type="refresh_token", refresh_token=first["refresh_token"]).status_code
    assert works(shop, first["access_token"]), "it lives until its own end"
    assert 200 == grant(shop, grant_type="refresh_token", refresh_token=second["refresh_token"]).status_code


OLD_TOKEN = {**EXCHANGE, "subject_token_type": EXCHANGE["requested_token_type"]}


def test_a_token_that_never_ends_is_exchanged_for_one_that_does(shop):
    """Once, and there is no way back."""
    old = shop.control("POST", "tokens", json={"shop": shop.shop}).json()["access_token"]
    granted = grant(shop, **OLD_TOKEN, subject_token=old).json()

    assert 3600 == granted["expires_in"]
    assert works(shop, granted["access_token"])
    assert not works(shop, old)
    assert 400 == grant(shop, **OLD_TOKEN, subject_token=old).status_code


@pytest.mark.parametrize(
    "wrong",
    [{"requested_token_type": "x"}, {"subject_token_type": "x"}, {"subject_token": "shpat_x"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_strange_exchange_is_refused(shop, wrong):
    """A misspelt kind must show here, not at Shopify."""
    old = shop.control("POST", "tokens", json={"shop": shop.shop}).json()["access_token"]

    assert 400 == grant(shop, **OLD_TOKEN | {"subject_token": old} | wrong).status_code


def test_consent_is_strict_about_the_app_and_the_way_back(shop):
    """At Shopify both are compared with what the app has declared."""
    shop.control("POST", "app", json={"url": "https://app.example"})
    asked = {
        "client_id": APP["client_id"],
        "scope": "write_products",
        "redirect_uri": "https://app.example/auth/callback",
    }
    page = f"/shops/{shop.shop}/admin/oauth/authorize"

    assert 302 == shop.http.get(page, params=asked).status_code
    for wrong in ({"client_id": "other"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": ""}):
        assert 400 == shop.http.get(page, params=asked | wrong).status_code


def test_granting_other_scopes_changes_the_tokens_and_is_told(shop):
    """As when a merchant agrees to a new version of the app."""
    told = shop.control("POST", f"shops/{shop.shop}/scopes", json={"scopes": ["write_products"]}).json()

    assert (["write_products", "write_files"], ["write_products"]) == (told["previous"], told["current"])
    assert ["write_products"] == [each["handle"] for each in shop.data("Installation")["accessScopes"]]


@pytest.mark.parametrize(
    ("fault", "params", "said"),
    [
        ("token.500", {}, 500),
        ("token.no_end", {}, 200),
        ("token.not_own", {}, 400),
    ],
)
def test_the_token_endpoint_has_faults_of_its_own(shop, sandbox, fault, params, said):
    """Each has happened to somebody."""
    sandbox.faults.set(fault, times=1, shop=shop.shop, **params)
    answer = grant(shop, grant_type="client_credentials")

    assert said == answer.status_code
    assert said != 200 or "expires_in" not in answer.json()
