"""A shift at a fiskal-edge agent: open, sell 4.50 in cash, print, count, close."""
import datetime, http.client, itertools, json, os, secrets, time, urllib.error, urllib.request

URL = os.environ.get("FISKAL_EDGE_URL", "http://127.0.0.1:7070")
KEY = os.environ["FISKAL_EDGE_REGISTER_KEY"]
KEYS = (f"{secrets.token_hex(8)}-{number}" for number in itertools.count(1))  # random: keys are permanent


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):  # it would hand the key to the other host
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)  # without http_proxy


def send(method, path, body=None, version=None):
    """Sends one request with one key until the agent has answered it: status and answer."""
    headers = {"X-Register-Api-Key": KEY, "Content-Type": "application/json", "User-Agent": "example-python"}
    headers |= {"Idempotency-Key": next(KEYS)} if method == "POST" else {}
    headers |= {"If-Match": f'"{version}"'} if version else {}
    data = None if body is None else json.dumps(body).encode()
    while True:
        wait = 1
        try:
            try:
                answer = OPENER.open(urllib.request.Request(URL + path, data, headers, method=method), timeout=15)
            except urllib.error.HTTPError as refusal:
                answer = refusal
            text, kind = answer.read().decode(), answer.headers.get_content_type()
            value = text if kind == "text/plain" else json.loads(text)  # HTML of a proxy is no answer
            if answer.status < 300 or value["retryable"] is False or answer.status == 412:
                return answer.status, value
            wait = int(answer.headers.get("Retry-After", 1))
        except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError):
            pass  # no whole answer of the agent: the outcome is unknown
        time.sleep(wait)


def act(**members):
    return send("POST", "/v1/operations", {"register_id": register["id"], "currency": "EUR", **members})


def end_shift(counted):
    for left in send("GET", "/v1/operations?status=open")[1]["data"]:
        send("POST", f"/v1/operations/{left['id']}/void", {"reason": "operator_cancelled"}, left["resource_version"])
    act(type="session_cash_count", counted_closing_amount=counted)
    return act(type="session_close", business_date=str(datetime.date.today()))


register = send("GET", "/v1/registers")[1]["data"][0]
opening = {"type": "session_open", "opening_balance_amount": "50.00"}
if act(**opening)[0] == 409:  # the shift of a till that ended early
    end_shift("50.00")
    act(**opening)
line = {"sku_identifier": "bun-6", "title": "Brötchen, 6 Stück", "quantity": 1, "unit_price": "4.50",
        "total_amount": "4.50", "taxes": [{"name": "USt 7 %", "rate": "0.07", "tax_amount": "0.29"}]}
_, sale = act(type="sale", source="POS", line_items=[line], pretax_amount="4.21", tax_amount="0.29",
              tip_amount="0.00", total_amount="4.50")
cash = [{"payment_id": f"{n}", "method": "cash", "status": "captured", "currency": "EUR", "amount": amount}
        for n, amount in enumerate(["5.00", "-0.50"])]
path = f"/v1/operations/{sale['id']}"
status, done = send("POST", f"{path}/complete", {"payments": cash}, sale["resource_version"])
while status == 200 and done["fiscal"]["state"] == "pending":
    time.sleep(1)
    status, done = send("GET", path)
print(send("GET", f"{path}/receipt.txt")[1] if status == 200 else done["message"])
print(end_shift("54.50" if status == 200 else "50.00")[1]["status"])
