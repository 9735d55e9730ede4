<?php
// A shift at a fiskal-edge agent: open, sell 4.50 in cash, print, count, close.

/** Sends one request with one key until the agent has answered it: status and answer. */
function send(string $method, string $path, ?array $body = null, ?int $version = null): array
{
    $headers = ['X-Register-Api-Key: ' . getenv('FISKAL_EDGE_REGISTER_KEY'), 'Content-Type: application/json'];
    if ($method === 'POST') $headers[] = 'Idempotency-Key: ' . bin2hex(random_bytes(16)); // random: keys are permanent
    if ($version !== null) $headers[] = "If-Match: \"$version\"";
    while (true) {
        $wait = 1;
        $curl = curl_init((getenv('FISKAL_EDGE_URL') ?: 'http://127.0.0.1:7070') . $path);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true,
            CURLOPT_USERAGENT => 'example-php', CURLOPT_TIMEOUT => 15, CURLOPT_NOPROXY => '*', // without http_proxy
            CURLOPT_HEADERFUNCTION => function ($_, string $line) use (&$wait): int {
                if (preg_match('/^retry-after: (\d+)/i', $line, $found)) $wait = (int) $found[1];
                return strlen($line);
            },
        ]);
        if ($body !== null) curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
        $text = curl_exec($curl); // false: no whole answer, so the outcome is unknown
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        $type = (string) curl_getinfo($curl, CURLINFO_CONTENT_TYPE);
        if ($text !== false && $status === 200 && str_starts_with($type, 'text/plain')) return [$status, $text];
        $answer = json_decode((string) $text, true); // null: HTML of a proxy, which is no answer
        if ($answer !== null && ($status < 300 || ($answer['retryable'] ?? true) === false || $status === 412))
            return [$status, $answer];
        sleep($wait);
    }
}

function act(array $members): array
{
    global $register;
    return send('POST', '/v1/operations', ['register_id' => $register['id'], 'currency' => 'EUR'] + $members);
}

function endShift(string $counted): array
{
    foreach (send('GET', '/v1/operations?status=open')[1]['data'] as $left)
        send('POST', "/v1/operations/{$left['id']}/void", ['reason' => 'operator_cancelled'], $left['resource_version']);
    act(['type' => 'session_cash_count', 'counted_closing_amount' => $counted]);
    return act(['type' => 'session_close', 'business_date' => date('Y-m-d')]);
}

$register = send('GET', '/v1/registers')[1]['data'][0];
$opening = ['type' => 'session_open', 'opening_balance_amount' => '50.00'];
if (act($opening)[0] === 409) { // the shift of a till that ended early
    endShift('50.00');
    act($opening);
}
[, $sale] = act([
    'type' => 'sale', 'source' => 'POS', 'total_amount' => '4.50', 'tax_amount' => '0.29', 'pretax_amount' => '4.21',
    'tip_amount' => '0.00', 'line_items' => [[
        'sku_identifier' => 'bun-6', 'title' => 'Brötchen, 6 Stück', 'quantity' => 1, 'unit_price' => '4.50',
        'total_amount' => '4.50', 'taxes' => [['name' => 'USt 7 %', 'rate' => '0.07', 'tax_amount' => '0.29']],
    ]],
]);
$cash = ['method' => 'cash', 'status' => 'captured', 'currency' => 'EUR'];
$payments = [['payment_id' => '1', 'amount' => '5.00'] + $cash, ['payment_id' => '2', 'amount' => '-0.50'] + $cash];
$path = "/v1/operations/{$sale['id']}";
[$status, $done] = send('POST', "$path/complete", ['payments' => $payments], $sale['resource_version']);
while ($status === 200 && $done['fiscal']['state'] === 'pending') {
    sleep(1);
    [$status, $done] = send('GET', $path);
}
echo $status === 200 ? send('GET', "$path/receipt.txt")[1] : $done['message'], "\n";
echo endShift($status === 200 ? '54.50' : '50.00')[1]['status'], "\n";
