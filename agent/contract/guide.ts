import { TILL_RULES } from './till-rules.ts'

const RULES = TILL_RULES.map(({ id, title }) => `| ${id} | ${title} |`)

/**
 * Guide for developers of tills, in addition to the reference: Markdown with headings, paragraphs and a table. It is the
 * description of the OpenAPI document and the beginning of the page at /docs. It names laws, because what differs between
 * them is what a till maker asks.
 */
export const GUIDE = `Operations of a register, signed and journalled on the premises.

## What a till has to do

Each rule is explained in the paragraphs below.

| Rule | What to do |
|---|---|
${RULES.join('\n')}

## Words

A fiscal device is the hardware that a law requires. Germany (KassenSichV): a TSE, a unit that signs each sale. Austria (RKSV): a signature card or HSM, which signs each receipt and chains it to the one before. Italy (RT): a fiscal printer, which prints each receipt and stores it. A register is fiscalized when its device knows it. A session is one shift of a register; its cash is counted before it is closed. A closing is the report or receipt that ends a day, a month or a year; a Z is a closing of the books with a number (Germany, Italy). A bon is a German receipt with a number, including cash movements. Tax offices ask for the books as DSFinV-K (Germany) and for the receipts as DEP7 (Austria). Start-, Monats-, Jahres-, Null-, Sammel- and Schlussbeleg are Austrian receipts over 0.00. In Italy a reso is the document of a return, an annullo that of a reversal, the matricola the serial number of the printer, and the natura the reason for a rate of 0. Pfand is the deposit on a bottle.

## Set-up

Once, with the platform key: merchant, location, register, \`fiscalize\`. The answer contains the register's own key, which is shown only once; the till needs no other key.

## A shift

\`session_open\` with the float. For each sale \`POST /v1/operations\`, then \`/complete\` with the payments and \`If-Match\` of the answered version, or \`/void\` if nothing is sold. A \`session_cash_count\` with \`interim\` is a note at any time of it. The shift ends with \`session_cash_count\` and \`session_close\`; until the close a miscount is corrected by another count that names the newest one in \`corrects_operation_id\`, and \`correction_amount\`, the difference between the two, is recorded. Events of a session are complete at once. Cash and its change are two payments, \`50.00\` and \`-2.50\`. During the shift \`session_cash_adjustment\` puts cash in or takes it out, and \`POST /v1/cash-drawer-openings\` records an opening of the drawer.

## Baskets that change

An operation may begin with \`line_items: []\` when the first article is scanned, or the customer sits down; its amounts may then be left out. \`PATCH /v1/operations/{id}\` replaces its goods while it is open: send all lines, amounts and discounts, with \`If-Match\` of the newest version. A line that stays may be sent with its \`id\`; customer, note, operator and \`metadata\` that are left out keep their value, and \`type\`, register and references never change. \`/complete\` may carry the last goods (\`line_items\` with their amounts): they are recorded with the end, or not at all. \`cancelled_line_items\` lists the goods that amendments took away. The journal stores the whole goods with each amendment: 30 articles amended one by one take 143 kB, begun with nothing and completed with all of them 21 kB. So begin with nothing and complete with everything, and amend when the basket is parked, handed to another till, or something is taken away. The amendments of one operation take at most 4 MiB; a completion is always possible. An operation without lines is not completed but voided.

## Amounts

Prices are gross: a line of \`4.50\` at the rate \`0.07\` has the \`tax_amount\` \`0.29\`. The total of a line is the amount paid for it: \`quantity\` × \`unit_price\` less its \`discounts\`, each a positive \`amount\`. The difference is at most half a cent for each unit: \`6\` × \`0.83\` may be \`5.00\`, but send a weight as measured (\`0.347\`) and hours with six decimals (\`1.333333\`). A quantity that three decimals round to 0 is refused in every country: send grams instead of kilogrammes, and leave out a line that was taken away. A net price, and a reduced price next to its discount, are refused. With \`cart_level_discounts\` the totals are after them; the unit prices are all before or all after them. Pfand takes no share of them unless its own price includes one. The sum of lines and tip is \`total_amount\`, and so is the sum of pretax, tax and tip. A tip that comes with the payments is sent to \`/complete\` as \`tip_amount\`: the payments then make up lines and tip; without it a payment that exceeds the total is refused. \`tip_recipient\` \`owner\` (Germany) makes it turnover, in lines at the rates of the articles.

## Repeats

Use one \`Idempotency-Key\` for each act, and send the same request (method, path, body) with the same key until it is answered; a change without a key is refused (400, \`idempotency_key\`), and a dry run needs none. A repeated request gets the first answer with \`Idempotent-Replayed: true\`, even after a crash. 409 \`version_too_old\`: a later version of the agent made it, and \`details.version\` knows it. An answer with \`fiscal.state\` \`pending\` is later replaced by the final one, which never changes. A refused request leaves the key free. 409 \`idempotency_key_conflict\`: the key has done another request, or the same by another address (\`key:sale-1\` or its id). Read \`details.first\` before you use another key. If \`retryable\` is true, send the request again unchanged after the seconds of \`Retry-After\` (after 412 read the operation, then send its version); otherwise \`message\` and \`details\` name what to change. After \`fiscal_effect\` \`unknown\`, or without any answer, do not begin a second sale: the same request again returns the outcome of the first. A header is sent once: a second \`Idempotency-Key\` or \`If-Match\` is refused, also with the same value.

## An id of your own

If a request names a resource, it may send \`key:\` and the \`Idempotency-Key\` of the request that made the resource: \`GET /v1/operations/key:basket-1\`, \`"register_id": "key:register-1"\`. A till that crashed after it sent a create gets the operation with one GET, also while that create still runs. This holds for ids in a path, in a query, in \`X-OpenFiskal-Merchant\` and in the members \`location_id\`, \`register_id\`, \`operation_id\`, \`related_operation_id\`, \`corrects_operation_id\` and \`session_id\`; a session has the key of its \`session_open\`. The caller's own keys come first, then those of the platform keys; the office cannot use the keys of a till. An unknown key is an unknown id. Answers always have the real id. A repeated request sends the same text again. In a path, \`/\`, \`?\`, \`#\` and \`%\` of a key are percent-encoded.

## Find and reprint

\`GET /v1/operations\` finds operations by your own \`external_id\`, by \`receipt_number\` and \`register_id\`, or by \`allocation_group\`; \`order=desc\` begins with the newest. No filter is unique: all that match are listed. \`related_external_id\` in a void, return, exchange or capture names the original by its \`external_id\`, instead of \`related_operation_id\`: one completed operation alone may have it, of the register for a void, else of the merchant; otherwise 422 \`related_operation_invalid\`, with \`operation_ids\` if there are several. \`GET /v1/registers/{id}/last-operation\` is what the register completed last. Its receipt with \`copy=true\`, in each form, is the same one marked as a copy.

## What is printed

If there is a \`fiscal.receipt_text\`, it must be printed on the receipt. \`GET /v1/operations/{id}/receipt\` returns the whole receipt as JSON, with every mandatory text in its order; \`/receipt.pdf\`, \`/receipt.png\`, \`/receipt.html\`, \`/receipt.txt\` and \`/receipt.escpos\` (the bytes of a receipt printer) return it drawn; a till with its own layout prints the text of the QR code from \`qr\`. Receipt printers support the letters of Windows-1252: other letters lose their accents or become a question mark, so use the picture for goods with Greek or Cyrillic names. In Italy the printer prints the document itself.

## If the device is down

Germany and Austria: the sale completes at once, with its \`receipt_text\`; \`fiscal.state\` is \`failed\` in Germany, \`security_device_failed\` is true in Austria; a receipt over 0.00 is then \`not_required\` there: it has no code and no number. In Germany the same applies while the clock of the agent's machine is lost or set back: \`fiscal.error.code\` is \`clock_suspect\`, and \`receipt_text\` has two lines. \`pending\` means that the outcome is not known yet: \`GET\` returns it later. Italy: 503 \`fiscal_device_unavailable\` and nothing is printed, or \`reconciling\` while the printer is asked for the outcome; the operation stays open: send the same \`/complete\` with the same key until it is answered. While the emergency register is open, sales are entered at once, with \`emergency\` and \`document_type\` \`emergency\`: \`document_number\`, \`z_number\` and \`printed_at\` are null; what only the printer can do is 409 \`emergency_open\`.

## If the disk is slow

While it syncs, no request is answered. If \`deadlineMs\` has passed when a sync ends, a sale that was begun is answered with its document (\`pending\`), any other request with 503 \`reconciling\`, \`fiscal_effect\` \`unknown\`: send it again with the same key, it gets its outcome and is done once.

## Returned goods

Returned goods are a \`return\` with negative amounts and the \`related_operation_id\` of their sale, or \`external_related_operation\` if they were sold elsewhere. In Italy its \`external_operation_id\` is the number on the paper, \`ZZZZ-NNNN DD-MM-YYYY\`, followed by the matricola if another printer printed it (\`0142-0001 14-09-2026 72IV6000001\`), or the evidence: \`POS DD-MM-YYYY\` the slip of a card terminal, \`VR\` empties, \`ND\` nothing at hand. In Italy a rate of 0 has the \`code\` of its natura, \`N1\` to \`N6\`, and goods come back at a rate or natura of the document of their sale. A returned line is \`-1\` × \`12.00\` or \`1\` × \`-12.00\` with the total \`-12.00\`; both are printed as −1 × 12.00. Goods reduced by a discount of the cart are returned at the price that was paid, or at their price with the line's share as a discount of the line. An \`exchange\` has both the returned lines (negative) and the new ones; if nothing is left to pay, it has one payment of \`0.00\`. The type \`void\` reverses a whole \`sale\` that was completed by mistake, in the same shift, and is complete at once (Germany: also a \`transfer\` or an \`employee_benefit\`); \`/void\` cancels an operation that is still open.

## Lines that go the other way

A \`sale\` takes empties back in negative lines of type \`container_deposit\`; its total may then be negative, and the payment with it. Empties alone are such a \`sale\`, or a \`return\` without a reference. An \`item\` or \`service_charge\` with a negative quantity and its price as before takes pieces off the same sale: of each article (\`type\`, \`sku_identifier\`, rate and code) quantity and total stay at least 0. With a \`related_operation_id\` or \`external_related_operation\` on the line, goods of an earlier sale come back in a purchase, at any rate that was ever in force; more than was sold is named by the closing (\`hints\`, \`returned_beyond_sale\`), not refused. Discounts of the cart reduce the other lines only. In Italy a sale with empties or such goods is two documents, reso and sale, and has one reso only. An external document of \`kind\` \`invoice\` or \`delivery_note\` needs no \`description\`.

## Paid before

A \`deposit\` has lines of the type \`deposit\`, taxed as the goods will be. Its \`deposit_capture\` has the goods in full and, in negative lines of that type and rate, the paid deposit. A capture or a return of several deposits names in each of these lines the \`related_operation_id\` of its deposit, at most 100; the operation's holds for lines without one. To return a deposit, in whole or in part, send a \`return\` with such lines only. A capture is undone by \`void\`, and after the closing by a \`return\` of it: negative lines for its goods and, for the part of the deposit that is valid again, positive lines of type \`deposit\`. Without these all the money goes back, and the deposit stays used up. At most the part that the capture took comes back; it can then be captured, returned or reversed again. If the capture took several, each of these lines names its own. In Italy the goods have the rate of the deposit, and \`documents\` has further resi if the money is more than the document of the capture came to.

## Vouchers

A line of type \`gift_card\` sells a voucher, a payment \`gift_card\` takes money off it, and a negative one gives change or a refund on it. Nothing is refused because a voucher is used up: the report of the day and \`audit\` name each from which more was taken off than was put on, or whose sale was reversed or given back after use (\`hints\`, \`voucher_beyond_sale\`). A number on which nothing was put here is from elsewhere. A line of type \`single_purpose_voucher\` sells one that is taxed at once, and negative takes it off \`item\` lines of its rate in the same sale: at most these, and what is left of a voucher sold here (422 \`amount_exceeded\`); as a payment it is refused. A positive one in the \`return\` of such goods, with the \`related_operation_id\` of their sale, makes it valid again. Training has no effect on anything real: a real operation that names one of training, or that takes money off a voucher sold in training only, is 422 \`related_operation_invalid\`.

## On account

The payment \`on_account\` leaves all of a \`sale\` unpaid, in Germany and Italy also a part (Italy: with its \`tender\`, and a \`receivable\` prints a slip that is in no sum of the Z); the \`customer\` who owes it is required (422 \`customer_required\`). Reads of the sale have \`on_account\` with what is \`left\`. A line of type \`receivable\` in a \`sale\` pays for it, in parts if wanted: its \`related_operation_id\` names our sale (at most what is left, else 422 \`amount_exceeded\`), or its \`external_related_operation\` an invoice of the office. In a \`return\`, \`on_account\` negative takes a claim back, and \`receivable\` negative gives its payment back. A transfer that has not arrived yet is not a claim but \`bank_transfer\` with the status \`pending\`.

## Foreign cash

Germany: a \`cash\` payment in another currency has its value in euro, \`base_amount\`; change is a separate payment, in either. Session, count and close have \`foreign_cash\`: the count names each currency of the drawer, and the close takes all of it out.

## A till that moves

\`PATCH\` of a register changes its \`location_id\` (a location of the same merchant and country) and its \`fiscal_device\` (a device of the same kind) like its name: at once between sessions, else as \`pending_changes\` after the close. Its serial number stays, and so do place and unit of what was recorded before. Germany: the register is registered at its new TSE and deregistered at the old one when each answers; while a bon waits for the old one: 503 \`reconciling\`. Italy: while documents of the register wait for the Z of its printer: 409 \`fiscalization_conflict\` with their number and sum; payment terminals that only it has move along, \`hints\` names others (\`payment_terminals_stay\`).

## Orders, and goods without payments

Germany, restaurants: an \`order\` records what a table, a room or a person orders, under its \`allocation_group\`; a negative quantity cancels or sends back. It is completed with \`{}\`: a payment is refused. The amounts may be left out, the agent adds them up. It is signed line by line as AVBestellung, and its slip is marked as no receipt. It counts in no turnover, and the bill is a \`sale\` with the same \`allocation_group\`. A \`transfer\` is billed by another system, such as the folio of a hotel; it is not the \`movement_type\` \`transfer\` of a cash adjustment. An \`employee_benefit\` is a meal for the staff, whose \`customer\` names who got it. Neither takes a payment or has a tip.

## Tables and bills

Germany: what a table ordered stays open, also over the close, until a bill settles it: a \`sale\`, \`deposit_capture\`, \`transfer\` or \`employee_benefit\` with its \`allocation_group\`. Each line of the bill settles open lines of the same \`sku_identifier\`, as far as there are any: first those of its rate, code and price, then of its rate and code, then any, and of these the oldest; so a bill is split by quantities. A line that takes something off the bill (a negative quantity) settles that much less. \`GET /v1/allocation-groups\` lists the open lines of the location, from all its registers. A till that bills from this list sends the \`order_line_id\` of each line: then the second of two bills for one line is refused (\`order_quantity_exceeded\`), by \`sku_identifier\` it goes through as never ordered, with \`settled_order_lines: []\`. A negative line of an order cancels the youngest open lines of its article at its rate, code and price, or the one it names; at another price it is refused, and \`details.open\` lists what is open. A \`void\` of the bill opens its lines again where they were; a \`return\` does not. The bill answers \`first_order_at\`, which its receipt must carry. The count of a drawer answers \`open_allocation_groups\`. An \`order_move\` takes all open lines of a table to another one, or the named ones, in parts if wanted; a table with orders is merged so. It is completed at once, signed as AVSonstige (\`Umbuchung\`), and moves no money.

## Handhelds

Germany: a terminal that only sends input to a register, as a waiter carries it, is one of its \`terminals\`: \`PATCH\` of the register with the whole list. The operations that it sends have its \`terminal_id\`; the DSFinV-K then names and describes it (TERMINAL_ID, slaves.csv). The receipt does not change.

## Sales for others

Germany: what is sold in the name and for the account of a principal, such as a lottery ticket, is a line with \`agency_id\`, one of the \`agencies\` of the merchant (\`PATCH\` with the whole list). Signed text, payments and drawer have it with the own sales; the DSFinV-K (AGENTUR_ID, pa.csv), \`business_cases\` of a closing and the receipt keep it apart: the receipt has such lines under \`Im Namen und für Rechnung von\`, so a till with its own layout prints \`agencies\` of the receipt.

## The end of a till

\`POST /v1/registers/{id}/decommission\` after the last session. If its device is down: in Austria and Italy the register ends at once, and Sammelbeleg and Schlussbeleg, or the last Z, follow when the device answers; in Germany 503, until the technician has taken the TSE out of use (\`device retire\`), then the register ends without it. In Italy the Z is made only for the last register of a printer. \`fiskal-edge duty list\` names the reports that a person owes, and the receipts that are missing.

## The end of a day

Germany: each \`session_close\` is a closing of the books (Z), and \`POST /v1/registers/{id}/closings\` a report over them. With a session open, \`shift\` is the report of the day so far (X report, \`interim\`), for an inspection at noon: it has all receipts with a number by now, open operations do not prevent it, and it is printed as Zwischenbericht. A report is headed by the name, address and tax numbers of its last Z, whenever it is drawn; if they changed within it, it names all of them with their Z numbers. Austria: \`daily\` and \`shift\` are reports, \`shift\` of an open session too; the agent makes the Monats- and Jahresbelege when they are due, before the next sale, and early if a till requests \`monthly\` or \`annual\`: a shop whose season ends in October closes its year then. Italy: \`POST /v1/registers/{id}/closings\` makes the printer print its Z, once a day; the close of a session does not. The \`business_date\` of a \`session_close\` is from the day before its opening to the day after the close, in every country: others are refused (\`business_date_implausible\`), unless the clock was wrong. A closing that is a receipt has the date of today. \`POST /v1/exports\` answers 202: \`GET /v1/exports/{id}/file\` with a key waits up to 10 s for the file, and \`GET /v1/exports/{id}\` has a \`download_url\` without one when it is \`completed\`.

## How a receipt is issued

Say it in the completion (\`issued_as\`), or afterwards with \`POST /v1/operations/{id}/issued\`: \`paper\`, \`digital\`, \`paper_and_digital\`, \`e_invoice\` or \`none\`. Nothing signed changes. In Germany an electronic invoice may replace the receipt since February 2026: this program makes none, and signs and keeps the sale as ever. Austria has allowed the receipt without paper since 2026-10-01, if it is sent, or shown at the payment to be scanned or photographed; paper stays the customer's right in each country, and in Italy the printer makes its document in any case, except in an emergency. A page for the customer (\`fiskal-edge display\`) shows each receipt for a minute; in Austria it adds \`digital\` to one that was on it for ten seconds and of which the till has said nothing.

## Answers grow

An answer may gain members, and an enumeration of an answer may gain values: ignore what you do not know. A request has the documented members only: any other is refused.

## Refusals

Every refusal has a stable \`code\`, explained at \`/errors/{code}\`. Each request may also be answered with \`host_not_allowed\`, \`origin_not_allowed\`, \`rate_limit_exceeded\` and \`internal_error\`, which no table repeats. \`Prefer: dry-run\` checks an operation, its amendment, its completion or its void and records nothing.`
