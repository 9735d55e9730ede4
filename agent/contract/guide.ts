/**
 * What a maker of tills has to know beside the reference, in Markdown of paragraphs alone: the description of the OpenAPI
 * document and the beginning of the page at /docs.
 */
export const GUIDE = `Operations of a register, signed and journalled on the premises.

**Set-up**, once, with the platform key: merchant, location, register, \`fiscalize\`. That answers the register's own key, shown this once: the till needs no other.

**A shift.** \`session_open\` with the float. For each sale \`POST /v1/operations\`, then \`/complete\` with the payments and \`If-Match\` of the version that was answered, or \`/void\` where nothing is sold. At the end \`session_cash_count\` and \`session_close\`; events of a session are complete at once. Prices are gross: a line of \`4.50\` at the rate \`0.07\` has the \`tax_amount\` \`0.29\`. Cash and its change are two payments, \`50.00\` and \`-2.50\`.

**Repeats.** One \`Idempotency-Key\` for each act, and the same request with the same key until it is answered: the first answer comes back with \`Idempotent-Replayed: true\`, also after a crash. What is refused leaves the key free. With \`retryable\` the request is sent again as it is, after the seconds of \`Retry-After\` (behind 412 with the version that \`details\` names); without, \`message\` and \`details\` say what to change. Behind \`fiscal_effect\` \`unknown\`, or no answer at all, no second sale is begun: the same request again tells what became of the first.

**What is printed.** \`fiscal.receipt_text\`, where there is one, has to stand on the receipt. \`GET /v1/operations/{id}/receipt\` gives the whole receipt as PDF, picture, HTML, text, the bytes of a receipt printer (\`application/vnd.escpos\`), or as JSON with every mandatory word in its order; whoever sets it himself takes the text of the QR code from \`qr\` there. In Italy the printer prints the document itself.

**Where the device is away.** Germany and Austria: the sale goes through at once, with its \`receipt_text\`; \`fiscal.state\` is \`failed\` in Germany, \`security_device_failed\` is true in Austria. \`pending\` is being settled: \`GET\` tells how. Italy: 503 \`fiscal_device_unavailable\` and nothing is printed, or \`reconciling\` while the printer is asked what it did; the operation stays open, and the same \`/complete\` with the same key is sent until it is answered.

**What comes back** is a \`return\` with negative amounts and the \`related_operation_id\` of its sale, or \`external_related_operation\` where that was sold elsewhere; in Italy its \`external_operation_id\` is the number on the paper, \`ZZZZ-NNNN DD-MM-YYYY\`. A rate of 0 has in Italy the \`code\` of its natura, \`N1\` to \`N6\`.

Every refusal has a stable \`code\`, explained at \`/errors/{code}\`. \`Prefer: dry-run\` checks an operation, its completion or its void and records nothing.`
