/**
 * What a maker of tills has to know beside the reference, in Markdown of paragraphs alone: the description of the OpenAPI
 * document and the beginning of the page at /docs.
 */
export const GUIDE = `Operations of a register, signed and journalled on the premises.

**Set-up**, once, with the platform key: merchant, location, register, \`fiscalize\`. That answers the register's own key, shown this once: the till needs no other.

**A shift.** \`session_open\` with the float. For each sale \`POST /v1/operations\`, then \`/complete\` with the payments and \`If-Match\` of the version that was answered, or \`/void\` where nothing is sold. At the end \`session_cash_count\` and \`session_close\`; events of a session are complete at once. Cash and its change are two payments, \`50.00\` and \`-2.50\`. Between, \`session_cash_adjustment\` is cash that is put in or taken out, and \`POST /v1/cash-drawer-openings\` notes the drawer that was opened.

**Amounts.** Prices are gross: a line of \`4.50\` at the rate \`0.07\` has the \`tax_amount\` \`0.29\`. The total of a line is what is paid for it, after all discounts; a discount has a positive \`amount\`. Lines and tip make up \`total_amount\`, and so do pretax, tax and tip.

**Repeats.** One \`Idempotency-Key\` for each act, and the same request (method, path, body) with the same key until it is answered: the first answer comes back with \`Idempotent-Replayed: true\`, also after a crash. One whose \`fiscal.state\` is \`pending\` is followed by the settled one, which stays. What is refused leaves the key free. With \`retryable\` the request is sent again as it is, after the seconds of \`Retry-After\` (behind 412 with the version that \`details\` names); without, \`message\` and \`details\` say what to change. Behind \`fiscal_effect\` \`unknown\`, or no answer at all, no second sale is begun: the same request again tells what became of the first.

**What is printed.** \`fiscal.receipt_text\`, where there is one, has to stand on the receipt. \`GET /v1/operations/{id}/receipt\` gives the whole receipt as PDF, picture, HTML, text, the bytes of a receipt printer (\`application/vnd.escpos\`), or as JSON with every mandatory word in its order; whoever sets it himself takes the text of the QR code from \`qr\` there. Receipt printers get the letters of Windows-1252: others lose their marks or are a question mark, so that goods with Greek or Cyrillic names want the picture. In Italy the printer prints the document itself.

**Where the device is away.** Germany and Austria: the sale goes through at once, with its \`receipt_text\`; \`fiscal.state\` is \`failed\` in Germany, \`security_device_failed\` is true in Austria. In Germany the same holds while the clock of the agent's machine is lost or set back: \`fiscal.error.code\` is \`clock_suspect\`, and \`receipt_text\` has two lines. \`pending\` is being settled: \`GET\` tells how. Italy: 503 \`fiscal_device_unavailable\` and nothing is printed, or \`reconciling\` while the printer is asked what it did; the operation stays open, and the same \`/complete\` with the same key is sent until it is answered.

**What comes back** is a \`return\` with negative quantities and amounts and the \`related_operation_id\` of its sale, or \`external_related_operation\` where that was sold elsewhere; in Italy its \`external_operation_id\` is the number on the paper, \`ZZZZ-NNNN DD-MM-YYYY\`. A rate of 0 has in Italy the \`code\` of its natura, \`N1\` to \`N6\`. An \`exchange\` has the lines that come back (negative) and the new ones in one; where nothing is left to pay, one payment of \`0.00\`. The type \`void\` reverses a whole \`sale\` that was completed by mistake, in the same shift, and is complete at once; \`/void\` gives up one that is still open.

**Paid before.** A \`deposit\` has lines of the type \`deposit\`, taxed as the goods will be. Its \`deposit_capture\` has the goods in full and, in negative lines of that type and rate, what was paid. A deposit that is given back is a \`return\` of such lines alone, in whole or in part.

**The end of a day.** Germany: each \`session_close\` is a closing of the books (Z), and \`POST /v1/registers/{id}/closings\` a report over them. Austria: closings of months and years are made before the next sale where nobody has asked for them. Italy: \`POST /v1/registers/{id}/closings\` has the printer make its Z, once a day; the close of a session does not. \`POST /v1/exports\` answers 202: \`GET /v1/exports/{id}\` has the \`download_url\` once it is \`completed\`.

Every refusal has a stable \`code\`, explained at \`/errors/{code}\`. \`Prefer: dry-run\` checks an operation, its completion or its void and records nothing.`
