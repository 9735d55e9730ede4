import { messageOf } from '../../../base/thrown.ts'
import type { DeviceErrorCode } from '../../../drivers/errors.ts'
import type { ErrorCode } from '../../errors.ts'
import { describeFailure } from '../../failure.ts'
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'

type GermanCode = 'export_dsfinvk_no_closed_sessions' | 'dsfinvk_refused'

const AGAIN = 'anschließen und den Prüfbericht wiederholen.'
const OTHER = 'Das Gerät ist nicht das, das in diesem Betrieb eingerichtet ist.'
const UNSIGNED = 'Der Speicher des Geräts ist dennoch auszulesen: den Kundendienst rufen.'

/** Error codes of devices. */
const DEVICE_WORDS: Readonly<Record<DeviceErrorCode, string>> = {
  unavailable: `Das Gerät antwortet nicht: ${AGAIN}`,
  timeout: `Das Gerät antwortete nicht in der erlaubten Zeit: ${AGAIN}`,
  garbled: 'Die Antwort des Geräts ist unlesbar: Kabel prüfen und den Prüfbericht wiederholen.',
  busy: 'Das Gerät ist beschäftigt: den Prüfbericht später wiederholen.',
  aborted: 'Das Auslesen wurde abgebrochen: den Prüfbericht wiederholen.',
  foreign: OTHER,
  not_named: OTHER,
  tse_ahead: 'Die TSE hat mehr abgesichert, als aufgezeichnet ist: fiskal-edge device adopt ID.',
  refused: 'Das Gerät weist das Auslesen ab.',
  not_initialised: 'Das Gerät ist nicht eingerichtet: fiskal-edge device init ID.',
  self_test_due: 'Der Selbsttest des Geräts steht aus: fiskal-edge device self-test ID.',
  time_not_set: 'Die Uhr des Geräts ist nicht gestellt: fiskal-edge device set-time ID.',
  clock_suspect: 'Die Uhr dieses Rechners ist unplausibel: richtig stellen und den Prüfbericht wiederholen.',
  certificate_expired: `Das Zertifikat der TSE ist abgelaufen. ${UNSIGNED}`,
  memory_full: `Der Speicher der TSE ist voll. ${UNSIGNED}`,
  signatures_exhausted: `Die TSE kann keine Signaturen mehr bilden. ${UNSIGNED}`,
  disabled: `Die TSE ist dauerhaft abgeschaltet. ${UNSIGNED}`,
  client_unknown: 'Die TSE kennt diese Kasse nicht.',
  not_authorised: 'Das Gerät verlangt eine Anmeldung: fiskal-edge doctor.',
  pin_wrong: 'Die PIN des Geräts ist falsch: fiskal-edge doctor.',
  pin_locked: 'Die PIN des Geräts ist gesperrt.',
  no_data: 'Die TSE hat im Zeitraum nichts abgesichert: Ein Archiv gibt es nicht.',
  export_running: 'Das Gerät wird gerade ausgelesen: den Prüfbericht später wiederholen.',
  unexported_data: 'Die TSE löscht nichts, was nicht ausgelesen ist.',
  client_limit: 'Die TSE nimmt keine weitere Kasse auf.',
  transaction_unknown: 'Die TSE kennt diesen Vorgang nicht.',
  open_transactions_full: 'Bei der TSE sind zu viele Vorgänge offen.',
  transactions_open: 'Die TSE löscht nicht, solange Vorgänge offen sind.',
  data_too_long: 'Die Angaben sind für das Gerät zu lang.',
  paper_out: 'Im Drucker fehlt Papier: einlegen und den Prüfbericht wiederholen.',
  cover_open: 'Der Deckel des Druckers ist offen: schließen und den Prüfbericht wiederholen.',
  closure_due: 'Am Drucker steht eine chiusura aus.',
  nothing_to_close: 'Am Drucker ist nichts abzuschließen.',
  transmission_due: 'Am Drucker warten zu viele Dateien auf die Übertragung: fiskal-edge device transmit ID.',
  out_of_service: 'Das Gerät ist außer Betrieb.',
  clock_wrong: 'Die Uhr des Geräts geht falsch.',
  department_unknown: 'Der Drucker hat keine Abteilung für diesen Steuersatz.',
  document_unknown: 'Der Drucker kennt dieses documento nicht.',
  document_reversed: 'Dieses documento ist schon storniert oder zurückgegeben.',
  amount_exceeded: 'Der Betrag ist höher als der Rest des documento.',
  annulment_due: 'Am Drucker ist ein documento zu annullieren.',
  print_unresolved: 'Das Gerät kann nicht mehr sagen, was aus dem Vorgang wurde.',
}

/** Error codes of the agent and of the system. */
const GERMAN = {
  ...({
    export_dsfinvk_no_closed_sessions:
      'Kein Kassenabschluss hat einen Geschäftstag im Zeitraum: Ein DSFinV-K-Paket gibt es nicht.',
    dsfinvk_refused: 'Das DSFinV-K-Paket bestand die eigene Prüfung nicht und wird so nicht überlassen.',
    not_found: 'Das Gerät oder die Kasse ist nicht eingerichtet.',
    unprocessable_entity: 'Was auszulesen war, ist nicht in Ordnung und wird so nicht überlassen.',
    fiscal_device_unavailable: `Das Gerät antwortet nicht: ${AGAIN}`,
    fiscal_device_busy: 'Das Gerät ist beschäftigt: den Prüfbericht später wiederholen.',
    reconciling: 'Ein Vorgang wird noch mit dem Gerät geklärt: den Prüfbericht später wiederholen.',
    rate_limit_exceeded: 'Es warten zu viele Exporte: den Prüfbericht später wiederholen.',
    shutting_down: 'Das Programm wurde beendet: starten und den Prüfbericht wiederholen.',
    storage_unavailable: 'Der Datenträger ist voll oder defekt.',
    internal_error: 'Ein Fehler des Programms.',
  } satisfies Partial<Record<ErrorCode, string>>),
  child_ended: 'Der Vorgang wurde vom System beendet, meist weil Speicher fehlte.',
  address_in_use: 'Ein anderes Programm belegt den Anschluss.',
  limit_reached: 'Das System gibt dem Programm nicht mehr davon (Dateien, Prozesse).',
  path_unusable: 'Der Pfad ist nicht zu lesen oder zu beschreiben.',
  permission_denied: 'Die Rechte an einer Datei fehlen.',
} as const

const ITALIAN: Omit<Record<keyof typeof GERMAN, string>, GermanCode> = {
  not_found: 'Il dispositivo o la cassa non è configurato.',
  unprocessable_entity: 'I dati da leggere non sono in ordine e non vengono consegnati così.',
  fiscal_device_unavailable: 'Il dispositivo non risponde: collegarlo e ripetere la verifica.',
  fiscal_device_busy: 'Il dispositivo è occupato: ripetere la verifica più tardi.',
  reconciling: "L'agente sta ancora chiedendo al dispositivo l'esito di un'operazione: ripetere la verifica più tardi.",
  rate_limit_exceeded: 'Troppe esportazioni in attesa: ripetere la verifica più tardi.',
  shutting_down: 'Il programma è stato arrestato: avviarlo e ripetere la verifica.',
  storage_unavailable: 'Il disco è pieno o guasto.',
  internal_error: 'Un errore del programma.',
  child_ended: 'Il sistema ha interrotto il processo, di solito per mancanza di memoria.',
  address_in_use: 'Un altro programma occupa la porta.',
  limit_reached: 'Il sistema non ne concede altri al programma (file, processi).',
  path_unusable: 'Il percorso non si può leggere o scrivere.',
  permission_denied: 'Mancano i permessi su un file.',
}

type Texts = readonly [texts: Readonly<Record<string, string | undefined>>, failed: string, quote: string]
/** Italian reports read no device through these codes. */
const WORDS: Readonly<Record<ReportLanguage, Texts>> = {
  de: [{ ...DEVICE_WORDS, ...GERMAN }, 'Das ist fehlgeschlagen.', ' Wortlaut (englisch): „{message}“'],
  it: [ITALIAN, 'Operazione non riuscita.', ' Testo (inglese): «{message}»'],
}
const CODED = /^([a-z][a-z0-9_]*): (.*)$/s
/** Codes whose message has details to quote. */
const QUOTED: ReadonlySet<string> = new Set([
  'dsfinvk_refused',
  'internal_error',
  'path_unusable',
  'permission_denied',
  'refused',
  'storage_unavailable',
  'unprocessable_entity',
])

/**
 * A failure in the report: a sentence and the code in brackets. Messages of package checks and of the system are quoted
 * in English.
 */
export function failureWords(error: unknown, language: ReportLanguage): string {
  const { code, message } = partsOf(error)
  const [texts, failed, quote] = WORDS[language]
  const words = texts[code]
  const quoted = words === undefined || QUOTED.has(code) ? filled(quote, { message }) : ''
  return `${words ?? failed}${quoted} (${code})`
}

export function failureCode(error: unknown): string {
  return partsOf(error).code
}

function partsOf(error: unknown): { code: string; message: string } {
  const [, code = 'internal_error', message = messageOf(error)] = CODED.exec(describeFailure(error)) ?? []
  return { code, message }
}
