import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/** A shift at a fiskal-edge agent: open, sell 4.50 in cash, print, count, close. */
public class Sale {
    static final String URL = System.getenv().getOrDefault("FISKAL_EDGE_URL", "http://127.0.0.1:7070");
    static final String KEY = System.getenv("FISKAL_EDGE_REGISTER_KEY");
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
        .proxy(HttpClient.Builder.NO_PROXY).connectTimeout(Duration.ofSeconds(5)).build();

    /** Sends one request with one key until the agent has answered it. */
    static HttpResponse<String> send(String method, String path, String body, String version) throws Exception {
        var content = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        var request = HttpRequest.newBuilder(URI.create(URL + path)).timeout(Duration.ofSeconds(15))
            .method(method, content).header("X-Register-Api-Key", KEY)
            .header("Content-Type", "application/json").header("User-Agent", "example-java");
        // Random: keys are permanent.
        if (method.equals("POST")) request.header("Idempotency-Key", UUID.randomUUID().toString());
        if (version != null) request.header("If-Match", "\"" + version + "\"");
        for (long wait = 1;; Thread.sleep(wait * 1000)) {
            try {
                var answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
                var type = answer.headers().firstValue("Content-Type").orElse("");
                // HTML of a proxy, or half an answer, is no answer.
                var isOurs = type.startsWith("text/plain") || type.endsWith("json") && answer.body().endsWith("}");
                var isFinal = answer.statusCode() < 300 || answer.body().contains("\"retryable\":false");
                if (isOurs && (isFinal || answer.statusCode() == 412)) return answer;
                wait = answer.headers().firstValueAsLong("Retry-After").orElse(1);
            } catch (IOException unanswered) {
                wait = 1; // the outcome is unknown
            }
        }
    }

    static HttpResponse<String> act(String register, String members) throws Exception {
        var body = "{\"register_id\":\"" + register + "\",\"currency\":\"EUR\"," + members + "}";
        return send("POST", "/v1/operations", body, null);
    }

    static HttpResponse<String> endShift(String register, String counted) throws Exception {
        for (var left : all("\"id\":\"(op_\\w+)\"", send("GET", "/v1/operations?status=open", null, null))) {
            var version = all("\"resource_version\":(\\d+)", send("GET", "/v1/operations/" + left, null, null));
            send("POST", "/v1/operations/" + left + "/void", "{\"reason\":\"operator_cancelled\"}", version.get(0));
        }
        act(register, "\"type\":\"session_cash_count\",\"counted_closing_amount\":\"" + counted + "\"");
        return act(register, "\"type\":\"session_close\",\"business_date\":\"" + LocalDate.now() + "\"");
    }

    /** The JDK has no parser of JSON: a till brings one. */
    static List<String> all(String pattern, HttpResponse<String> answer) {
        return Pattern.compile(pattern).matcher(answer.body()).results().map(found -> found.group(1)).toList();
    }

    public static void main(String[] arguments) throws Exception {
        var register = all("\"id\":\"(reg_\\w+)\"", send("GET", "/v1/registers", null, null)).get(0);
        var opening = "\"type\":\"session_open\",\"opening_balance_amount\":\"50.00\"";
        if (act(register, opening).statusCode() == 409) { // the shift of a till that ended early
            endShift(register, "50.00");
            act(register, opening);
        }
        var sale = act(register, """
            "type":"sale","source":"POS","pretax_amount":"4.21","tax_amount":"0.29","tip_amount":"0.00",
            "total_amount":"4.50","line_items":[{"sku_identifier":"bun-6","title":"Brötchen, 6 Stück","quantity":1,
            "unit_price":"4.50","total_amount":"4.50","taxes":[{"name":"USt 7 %","rate":"0.07","tax_amount":"0.29"}]}]
            """);
        var path = "/v1/operations/" + all("\"id\":\"(op_\\w+)\"", sale).get(0);
        var done = send("POST", path + "/complete", """
            {"payments":[{"payment_id":"1","method":"cash","status":"captured","amount":"5.00","currency":"EUR"},
            {"payment_id":"2","method":"cash","status":"captured","amount":"-0.50","currency":"EUR"}]}
            """, all("\"resource_version\":(\\d+)", sale).get(0));
        while (done.statusCode() == 200 && done.body().contains("\"state\":\"pending\"")) {
            Thread.sleep(1000);
            done = send("GET", path, null, null);
        }
        var isSold = done.statusCode() == 200;
        System.out.println(isSold ? send("GET", path + "/receipt.txt", null, null).body() : done.body());
        System.out.println(endShift(register, isSold ? "54.50" : "50.00").statusCode());
    }
}
