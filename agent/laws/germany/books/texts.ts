import type { Findings, FindingTexts } from '../../../journal/books/findings.ts'
import { FACTS } from '../facts.ts'

type Facts = Readonly<Record<string, string | number>>

const SIGNED = { cover: 'the TSE secured only the sum', umfang: 'die TSE hat nur die Summe abgesichert' }
const UNSIGNED = { cover: 'no TSE secured the receipt', umfang: 'keine TSE hat ihn abgesichert' }

/** The facts of a rate with the evidence of its bon: the gross by kind, if it has a signature counter. */
export function rateFacts(facts: Facts): Facts {
  return { ...facts, ...(facts['counter'] === undefined ? UNSIGNED : SIGNED) }
}

/** The facts of a business date with the day by which its closing counts. */
export function dateFacts(facts: Facts, isSuspect = false): Facts {
  const [sum, summe] =
    facts['sum'] === undefined ? ['', ''] : [`, with a sum of ${facts['sum']}`, `, mit ${facts['sum']}`]
  const [day, tag] = isSuspect
    ? [
        'The clock was wrong then, and it counts by that date',
        'Die Uhr ging damals falsch, und sie zählt zu diesem Tag',
      ]
    : ['It counts by the day on which it was made', 'Sie zählt zu dem Tag, an dem sie erstellt wurde']
  return { ...facts, counting: `${day}${sum}`, zaehlung: `${tag}${summe}` }
}

/** Findings about German registers, their TSEs and DSFinV-K packages, by stable code. */
export const TEXTS = {
  bon_cash_differs: {
    level: 'error',
    en: 'Register {register}: receipt {bon} moves {stated} in the drawer, its payments come to {counted} in cash.',
    de: 'Kasse {register}: Bon {bon} bewegt {stated} in der Kassenlade, seine Zahlungen ergeben {counted} in bar.',
  },
  tse_log_without_bon: {
    level: 'error',
    en: 'At {at} the TSE secured transaction {transaction} (signature counter {counter}) of client {client}: {data}. The journal does not contain it.',
    de: 'Die TSE hat am {at} Vorgang {transaction} (Signaturzähler {counter}) der Kasse {client} abgesichert: {data}. In den Aufzeichnungen fehlt er.',
  },
  tse_start_unknown: {
    level: 'error',
    en: 'At {at} the TSE began transaction {transaction} for client {client}, which the journal does not contain. If a backup was restored: fiskal-edge device adopt ID.',
    de: 'Die TSE hat am {at} für Kasse {client} Vorgang {transaction} begonnen, den diese Kasse nicht aufgezeichnet hat. Nach einer Wiederherstellung: fiskal-edge device adopt ID.',
  },
  tse_log_differs: {
    level: 'error',
    en: 'Receipt {bon}: the TSE secured {secured}, the journal has {recorded} (transaction {transaction}).',
    de: 'Bon {bon}: Die TSE hat {secured} abgesichert, aufgezeichnet ist {recorded} (Vorgang {transaction}).',
  },
  bon_without_log: {
    level: 'error',
    en: 'Receipt {bon} is recorded as secured (transaction {transaction}, counter {counter}); the archive of the TSE does not contain it.',
    de: 'Bon {bon} soll abgesichert sein (Vorgang {transaction}, Zähler {counter}); das Archiv der TSE enthält ihn nicht.',
  },
  tse_logs_deleted: {
    level: 'error',
    en: 'The memory of the TSE {serial} does not contain counters {from} to {to}, and the journal records no archive of them.',
    de: 'Im Speicher der TSE {serial} fehlen die Zähler {from} bis {to}, ein Archiv davon ist nicht verzeichnet.',
  },
  tse_archive_missing: {
    level: 'error',
    en: 'The archive {file} is missing or was changed.',
    de: 'Das Archiv {file} liegt nicht vor oder ist ein anderes.',
  },
  tse_amounts_differ: {
    level: 'error',
    en: 'Register {register}: for receipt {bon} the TSE was asked to secure {stated}; its operation comes to {counted}.',
    de: 'Kasse {register}: Für Bon {bon} sollte die TSE {stated} absichern; sein Vorgang ergibt {counted}.',
  },
  tse_rate_implausible: {
    level: 'error',
    en: 'Register {register}: receipt {bon} of {at} has the rate {rate}, which was not in force then; {cover}.',
    de: 'Kasse {register}: Bon {bon} vom {at}: {rate} galt damals nicht; {umfang}.',
  },
  tse_rate_undated: {
    level: 'note',
    en: 'Register {register}: {count} receipts took goods back at a rate of another time, or cancelled that, {sum}; no original in this journal proves the rate.',
    de: 'Kasse {register}: Bons, die Waren zu einem Satz anderer Zeit zurücknahmen oder das aufhoben: {count}, {sum}; kein ursprünglicher Bon in diesem Journal belegt den Satz.',
  },
  tse_rate_configured: {
    level: 'note',
    en: 'Register {register}: {count} receipts over {sum} have rates that only the configuration of this agent names.',
    de: 'Kasse {register}: Bons mit Sätzen, die nur die Konfiguration dieser Anlage nennt: {count}, {sum}.',
  },
  vat_rate_newer: {
    level: 'note',
    en: 'Register {register}, closing {z}: the DSFinV-K package gives VAT key {key} the rate {rate}, which is newer than this program or was configured. Compare it with the law of that day.',
    de: 'Kasse {register}, Z-Nr. {z}: Das DSFinV-K-Paket gibt dem Umsatzsteuerschlüssel {key} den Satz {rate}; er ist neuer als dieses Programm oder eingestellt. Mit dem Recht jenes Tages vergleichen.',
  },
  tse_bon_missing: {
    level: 'error',
    en: 'Transaction {transaction} of client {client} is in no receipt of its register: {data}.',
    de: 'Vorgang {transaction} der Kasse {client} steht in keinem Bon dieser Kasse: {data}.',
  },
  bon_after_close: {
    level: 'error',
    en: 'Register {register}: operation {operation} over {sum} (receipt {bon}) was not ended when its session was closed; no closing has it.',
    de: 'Kasse {register}: Vorgang {operation} über {sum} (Bon {bon}) war beim Abschluss seiner Sitzung nicht beendet; kein Kassenabschluss enthält ihn.',
  },
  tse_update_unknown: {
    level: 'error',
    en: 'The TSE updated transaction {transaction} of client {client}, the journal did not.',
    de: 'Die TSE hat Vorgang {transaction} der Kasse {client} fortgeschrieben, die Aufzeichnungen nicht.',
  },
  tse_signed_in_outage: {
    level: 'note',
    en: 'Receipt {bon} says that the TSE was down; the TSE secured it anyway (transaction {transaction}).',
    de: `Bon {bon} trägt „${FACTS.outageText}“, die TSE hat ihn doch abgesichert (Vorgang {transaction}).`,
  },
  tse_finish_undecided: {
    level: 'note',
    en: 'At {at} the TSE secured transaction {transaction} (signature counter {counter}) of client {client}: {data}. The journal does not have the outcome yet.',
    de: 'Die TSE hat am {at} Vorgang {transaction} (Signaturzähler {counter}) der Kasse {client} abgesichert: {data}. Das Ergebnis ist noch nicht aufgezeichnet.',
  },
  tse_client_foreign: {
    level: 'note',
    en: 'Client {client}, which this journal does not have, also uses this TSE: {count} transactions, {sum}, from {from} to {until}. Compare it with the notification under § 146a (4) AO.',
    de: 'Auf dieser TSE arbeitet auch Kasse {client}, die dieses Journal nicht hat: {count} Vorgänge, {sum}, vom {from} bis {until}. Mit der Mitteilung nach § 146a Abs. 4 AO vergleichen.',
  },
  package_incomplete: {
    level: 'error',
    en: 'The DSFinV-K package does not contain receipt {bon} of register {register} over {sum} as the journal has it.',
    de: 'Im DSFinV-K-Paket fehlt Bon {bon} der Kasse {register} über {sum}.',
  },
  package_closing_differs: {
    level: 'error',
    en: 'Register {register}: closing {z} recorded {stated} receipts over {sum}, the DSFinV-K package has {bons} over {counted}.',
    de: 'Kasse {register}: Mit Z-Nr. {z} sind {stated} Bons über {sum} aufgezeichnet, im DSFinV-K-Paket stehen {bons} über {counted}.',
  },
  package_bon_unknown: {
    level: 'error',
    en: 'The DSFinV-K package has receipt {bon} of register {register} over {sum}, which the journal does not contain.',
    de: 'Das DSFinV-K-Paket enthält Bon {bon} der Kasse {register} über {sum}; in den Aufzeichnungen fehlt er.',
  },
  package_rate_differs: {
    level: 'error',
    en: 'Register {register}, closing {z}: the DSFinV-K package gives VAT key {key} the rate {rate}; recorded: {recorded}.',
    de: 'Kasse {register}, Z-Nr. {z}: Das DSFinV-K-Paket gibt dem Umsatzsteuerschlüssel {key} den Satz {rate}; aufgezeichnet: {recorded}.',
  },
  package_cash_differs: {
    level: 'error',
    en: 'Register {register}, closing {z}: the DSFinV-K package has {stated} EUR in cash; the session left {counted} in the drawer.',
    de: 'Kasse {register}, Z-Nr. {z}: Im DSFinV-K-Paket stehen {stated} in bar, die Sitzung ließ {counted} in der Kassenlade.',
  },
  closing_cash_differs: {
    level: 'note',
    en: 'Register {register}, closing {z}: all cash is {stated} EUR, its euro are {counted}, and no other currency is left. A rate of exchange changed during the day, and an earlier version did not book the difference.',
    de: 'Kasse {register}, Z-Nr. {z}: Alle Barzahlungen sind {stated}, davon in Euro {counted}, und keine andere Währung ist mehr da. Ein Wechselkurs änderte sich am Tag, eine frühere Version hat die Differenz nicht gebucht.',
  },
  package_time_differs: {
    level: 'note',
    en: 'Register {register}, closing {z}, receipt {bon}: {column} of the DSFinV-K package is {packaged}, the journal has {recorded}.',
    de: 'Kasse {register}, Z-Nr. {z}, Bon {bon}: {column} im DSFinV-K-Paket ist {packaged}, aufgezeichnet ist {recorded}.',
  },
  bon_time_differs: {
    level: 'note',
    en: 'Register {register}, closing {z}: receipt {bon} has the times {start} to {end}, the TSE secured it from {began} to {ended}.',
    de: 'Kasse {register}, Z-Nr. {z}: Bon {bon} trägt die Zeiten {start} bis {end}, die TSE hat ihn vom {began} bis {ended} abgesichert.',
  },
  bon_outside_closing: {
    level: 'note',
    en: 'Register {register}: receipt {bon} ended at {at}, outside of its closing {z} of {closed}.',
    de: 'Kasse {register}: Bon {bon} endete am {at}, außerhalb seines Kassenabschlusses Z-Nr. {z} vom {closed}.',
  },
  closing_out_of_order: {
    level: 'note',
    en: 'Register {register}: closing {z} was made at {at}, before the one that precedes it ({previous}).',
    de: 'Kasse {register}: Z-Nr. {z} wurde am {at} erstellt, vor dem Kassenabschluss davor ({previous}).',
  },
  business_date_differs: {
    level: 'note',
    en: 'Register {register}: closing {z}, made at {at}, has the business date {date}. {counting}.',
    de: 'Kasse {register}: Z-Nr. {z}, erstellt am {at}, trägt den Geschäftstag {date}. {zaehlung}.',
  },
  business_date_unproven: {
    level: 'note',
    en: 'Register {register}: the business date {date} of closing {z} over {sum} was given while the clock was wrong.',
    de: 'Kasse {register}: Der Geschäftstag {date} von Z-Nr. {z} über {sum} wurde angegeben, als die Uhr falsch ging.',
  },
} as const satisfies FindingTexts

export type GermanFindings = Findings<keyof typeof TEXTS>
