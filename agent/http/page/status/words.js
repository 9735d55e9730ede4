// The page in German, Italian and English. The law's own words stay.

/** @typedef {'de' | 'it' | 'en'} Language */

/** @type {readonly Language[]} */
export const LANGUAGES = ['de', 'it', 'en']
export const LANGUAGE_NAMES = { de: 'Deutsch', it: 'Italiano', en: 'English' }
const STORED = 'fiskal-edge-language'

const WORDS = {
  // The one look.
  selling_yes: ['Die Kasse darf verkaufen', 'La cassa può vendere', 'The till may sell'],
  selling_outage: ['Verkauf läuft, aber ohne Signatur', 'Si vende, ma senza firma', 'Selling continues, but unsigned'],
  selling_no: ['Kein Verkauf möglich', 'Vendita non possibile', 'The till cannot sell'],
  ready: ['Der Agent ist bereit', "L'agente è pronto", 'The agent is ready'],
  degraded: ['Ein Fiskalgerät ist ausgefallen', 'Un dispositivo fiscale non risponde', 'A fiscal device is down'],
  gone: ['Keine Antwort vom Agenten', "L'agente non risponde", 'The agent does not answer'],
  gone_remedy: [
    'Läuft der Dienst? Auf der Maschine: systemctl status fiskal-edge. Diese Seite verbindet sich von selbst wieder.',
    'Il servizio è attivo? Sulla macchina: systemctl status fiskal-edge. Questa pagina si ricollega da sola.',
    'Is the service running? On the machine: systemctl status fiskal-edge. This page reconnects automatically.',
  ],
  last_seen: ['Letzter Stand', 'Ultimo stato', 'Last seen'],
  connecting: ['Verbindung wird hergestellt …', 'Collegamento in corso…', 'Connecting …'],
  live: ['verbunden', 'collegata', 'live'],
  // Why.
  reason_starting: [
    'Der Agent startet und fragt die Geräte nach offenen Vorgängen.',
    "L'agente si avvia e chiede ai dispositivi che cosa hanno fatto.",
    'The agent is starting and asks the devices what they did.',
  ],
  reason_stopping: ['Der Agent wird beendet.', "L'agente si sta arrestando.", 'The agent is stopping.'],
  reason_no_storage: ['Die Platte ist voll.', 'Il disco è pieno.', 'The disk is full.'],
  reason_journal_damaged: ['Das Journal ist beschädigt.', 'Il giornale è danneggiato.', 'The journal is damaged.'],
  reason_not_fiscalized: [
    'Die Kasse ist noch nicht an ein Fiskalgerät gebunden.',
    'La cassa non è ancora fiscalizzata.',
    'The register is not fiscalized yet.',
  ],
  reason_pending: [
    'Die Kasse wird gerade an das Fiskalgerät gebunden.',
    'La fiscalizzazione è in corso.',
    'The register is being fiscalized.',
  ],
  reason_failed: [
    'Die Bindung an das Fiskalgerät ist gescheitert: noch einmal versuchen.',
    'La fiscalizzazione non è riuscita: riprovare.',
    'The register could not be fiscalized: try again.',
  ],
  reason_device_down: [
    'Das Fiskalgerät ist ausgefallen. Es wird von selbst wieder gesucht.',
    'Il dispositivo fiscale non risponde. Viene ricercato da solo.',
    'The fiscal device is down. The agent reconnects automatically.',
  ],
  reason_device_down_outage: [
    'Jeder Beleg trägt den Hinweis auf den Ausfall. Das Gerät wird von selbst wieder gesucht.',
    'Ogni scontrino riporta il guasto. Il dispositivo viene ricercato da solo.',
    'Each receipt carries the outage notice. The agent reconnects automatically.',
  ],
  reason_clock_behind: [
    'Der letzte Beleg trägt eine Zeit, die noch nicht gekommen ist: die Uhr prüfen.',
    'L’ultimo scontrino porta un’ora non ancora giunta: controllare l’orologio.',
    'The last receipt is of a time that has not come yet: check the clock.',
  ],
  reason_key_lost: [
    'Der AES-Schlüssel der Kasse fehlt.',
    'Manca la chiave AES della cassa.',
    'The AES key of the register is lost.',
  ],
  reason_no_register: ['Es gibt noch keine Kasse.', 'Non c’è ancora nessuna cassa.', 'There is no register yet.'],
  all_well: ['Alles in Ordnung.', 'Tutto a posto.', 'All is well.'],
  some_cannot: [
    'Nicht jede Kasse kann verkaufen: siehe unten.',
    'Non tutte le casse possono vendere: vedi sotto.',
    'Not every register can sell: see below.',
  ],
  reconciling: ['Werden geklärt', 'In verifica', 'Being reconciled'],
  reconciling_more: [
    'Von {n} Vorgängen ist noch nicht bekannt, ob das Gerät sie ausgeführt hat. Es wird gefragt, nichts geht verloren.',
    'Di {n} operazioni non si sa ancora se il dispositivo le ha eseguite. Viene chiesto, nulla va perso.',
    '{n} acts have an unknown outcome. The agent is asking the device; nothing is lost.',
  ],
  warning_count: ['{n} Hinweise', '{n} avvisi', '{n} warnings'],
  warning_one: ['1 Hinweis', '1 avviso', '1 warning'],
  // Sections.
  warnings: ['Was zu tun ist', 'Che cosa fare', 'Action needed'],
  registers: ['Kassen', 'Casse', 'Registers'],
  devices: ['Fiskalgeräte', 'Dispositivi fiscali', 'Fiscal devices'],
  documents: ['Letzte Vorgänge', 'Ultime operazioni', 'Latest operations'],
  sync: ['Übertragung', 'Trasmissione', 'Replay'],
  remedy: ['So geht es wieder', 'Rimedio', 'Remedy'],
  due: ['Bis', 'Entro', 'Until'],
  // Registers.
  may_yes: ['darf verkaufen', 'può vendere', 'may sell'],
  may_outage: ['ohne Signatur', 'senza firma', 'unsigned'],
  may_no: ['gesperrt', 'bloccata', 'cannot sell'],
  session_open: ['Schicht offen seit {t}', 'Turno aperto dalle {t}', 'Session open since {t}'],
  session_counted: ['Gezählt, Abschluss fehlt', 'Contata, manca la chiusura', 'Counted, not closed yet'],
  session_none: ['Keine Schicht offen', 'Nessun turno aperto', 'No session is open'],
  drawer: ['Soll in der Lade', 'Atteso nel cassetto', 'Expected in the drawer'],
  more_registers: [
    'Hier stehen die ersten {n} Kassen, es gibt weitere.',
    'Qui stanno le prime {n} casse, ce ne sono altre.',
    'These are the first {n} registers, there are more.',
  ],
  no_registers: [
    'Noch keine Kasse angelegt: POST /v1/registers.',
    'Nessuna cassa creata: POST /v1/registers.',
    'No register yet: POST /v1/registers.',
  ],
  // Devices.
  device_ready: ['bereit', 'pronto', 'ready'],
  device_degraded: ['bereit, mit Hinweis', 'pronto, con avviso', 'ready, with a warning'],
  device_down: ['ausgefallen', 'non risponde', 'out'],
  device_foreign: ['fremdes Gerät', 'dispositivo estraneo', 'another device'],
  serial: ['Seriennummer', 'Matricola', 'Serial number'],
  since: ['Seit', 'Dal', 'Since'],
  signatures_left: ['Signaturen übrig', 'Firme rimaste', 'Signatures left'],
  certificate: ['Zertifikat bis', 'Certificato fino al', 'Certificate until'],
  memory: ['Speicher belegt', 'Memoria usata', 'Memory used'],
  waiting: ['Warten', 'In attesa', 'Waiting'],
  paper: ['Papier', 'Carta', 'Paper'],
  pending_files: ['Dateien zu senden', 'File da inviare', 'Files to send'],
  // Operations.
  type_sale: ['Verkauf', 'Vendita', 'Sale'],
  type_return: ['Rückgabe', 'Reso', 'Return'],
  type_exchange: ['Umtausch', 'Cambio', 'Exchange'],
  type_void: ['Storno', 'Annullo', 'Reversal'],
  type_deposit: ['Anzahlung', 'Acconto', 'Deposit'],
  type_deposit_capture: ['Restzahlung', 'Saldo', 'Deposit capture'],
  type_session_open: ['Anfangsbestand', 'Fondo cassa', 'Float'],
  type_session_cash_adjustment: ['Bargeldbewegung', 'Movimento di cassa', 'Cash movement'],
  type_session_cash_count: ['Kassensturz', 'Conta cassa', 'Cash count'],
  type_session_close: ['Abschluss', 'Chiusura', 'Close'],
  status_open: ['offen', 'aperta', 'open'],
  status_voided: ['abgebrochen', 'annullata', 'voided'],
  fiscal_succeeded: ['signiert', 'registrata', 'recorded'],
  fiscal_failed: ['ohne Signatur', 'senza firma', 'unsigned'],
  fiscal_pending: ['wird geklärt', 'in verifica', 'being reconciled'],
  fiscal_not_required: ['ohne Pflicht', 'non dovuta', 'not required'],
  number: ['Nr.', 'n.', 'no.'],
  no_documents: ['Noch nichts verkauft.', 'Ancora nessuna vendita.', 'Nothing sold yet.'],
  loading: ['Beleg wird geladen …', 'Caricamento…', 'Loading the receipt …'],
  no_receipt: [
    'Der Beleg kann gerade nicht gezeigt werden.',
    'Lo scontrino non è disponibile.',
    'The receipt cannot be shown now.',
  ],
  still_open: [
    'Noch kein Beleg: der Vorgang ist offen.',
    'Ancora nessuno scontrino: operazione aperta.',
    'No receipt yet: the operation is open.',
  ],
  code_alt: ['QR-Code des Belegs', 'Codice QR dello scontrino', 'QR code of the receipt'],
  receipt_text: ['Text des Belegs', 'Testo dello scontrino', 'Text of the receipt'],
  // Replay.
  target_current: ['aktuell', 'aggiornata', 'current'],
  target_behind: ['holt auf', 'in recupero', 'catching up'],
  target_offline: ['nicht erreichbar', 'non raggiungibile', 'offline'],
  target_stalled: ['steht', 'ferma', 'stalled'],
  target_forked: ['andere Vorgeschichte', 'storia diversa', 'forked'],
  unacked: ['Noch zu übertragen', 'Da trasmettere', 'Still to send'],
  oldest: ['Ältestes wartet seit', 'Il più vecchio attende da', 'Oldest waits for'],
  error: ['Letzter Fehler', 'Ultimo errore', 'Last error'],
  sync_note: [
    'Der Verkauf wartet nie auf die Übertragung.',
    'La vendita non attende mai la trasmissione.',
    'Sales never wait for the sync.',
  ],
  // The key.
  key_title: ['Mehr sehen', 'Vedere di più', 'See more'],
  key_text: [
    'Kassen, Schichten und Belege zeigt die Seite mit einem Schlüssel: dem der Kasse oder einem von',
    'Casse, turni e scontrini si vedono con una chiave: quella della cassa o una creata da',
    'Registers, sessions and receipts are shown with a key: that of the register, or one made by',
  ],
  key_label: ['Schlüssel', 'Chiave', 'Key'],
  key_button: ['Anzeigen', 'Mostra', 'Show'],
  key_note: [
    'Er bleibt in diesem Browserfenster und wird mit ihm vergessen.',
    'Resta in questa finestra e viene dimenticata con essa.',
    'It stays in this window and is forgotten with it.',
  ],
  key_wrong: [
    'Dieser Schlüssel gilt nicht (mehr).',
    'Questa chiave non è (più) valida.',
    'This key is invalid or revoked.',
  ],
  key_forget: ['Schlüssel vergessen', 'Dimentica la chiave', 'Forget the key'],
  reference: ['API-Referenz', 'Riferimento API', 'API reference'],
  version: ['Version', 'Versione', 'Version'],
  running_since: ['läuft seit', 'attivo dal', 'running since'],
  events: ['Ereignisse im Journal', 'Eventi nel giornale', 'events in the journal'],
  language: ['Sprache', 'Lingua', 'Language'],
}

/** @typedef {keyof typeof WORDS} Word */

/** @type {Language} */
let current = first()

/** The language that was chosen here, else that of Accept-Language, which the server put into the page. @returns {Language} */
function first() {
  const wanted = localStorage.getItem(STORED) ?? document.documentElement.lang
  return LANGUAGES.find((known) => known === wanted) ?? 'en'
}

export function language() {
  return current
}

/** @param {Language} chosen */
export function choose(chosen) {
  current = chosen
  localStorage.setItem(STORED, chosen)
  document.documentElement.lang = chosen
}

/**
 * @param {Word} word
 * @param {{ [name: string]: string | number }} [values] for `{name}` in the text
 * @returns {string}
 */
export function say(word, values = {}) {
  const text = WORDS[word][LANGUAGES.indexOf(current)] ?? word
  return text.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
}

/**
 * For a word that ends with a value of the agent: an unknown value is shown unchanged.
 * @param {string} prefix
 * @param {string} name
 */
export function sayOf(prefix, name) {
  const word = `${prefix}_${name}`
  return word in WORDS ? say(/** @type {Word} */ (word)) : name
}

/** @param {string | null} amount @param {string} currency */
export function money(amount, currency) {
  if (amount === null) return ''
  return new Intl.NumberFormat(current, { style: 'currency', currency }).format(Number(amount))
}

/** @param {number} value */
export function count(value) {
  return new Intl.NumberFormat(current).format(value)
}

/** A time of today as a time, else with its date. @param {string} text RFC 3339 */
export function moment(text) {
  const at = new Date(text)
  const isToday = at.toDateString() === new Date().toDateString()
  const time = { hour: '2-digit', minute: '2-digit' }
  const shape = isToday ? time : { ...time, day: '2-digit', month: '2-digit', year: 'numeric' }
  return new Intl.DateTimeFormat(current, /** @type {Intl.DateTimeFormatOptions} */ (shape)).format(at)
}

/** @param {string} text `YYYY-MM-DD` or RFC 3339 */
export function day(text) {
  return new Intl.DateTimeFormat(current, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(text))
}

/** @param {number} seconds */
export function duration(seconds) {
  /** @type {[number, string]} */
  const [value, unit] =
    seconds < 120
      ? [seconds, 'second']
      : seconds < 7_200
        ? [seconds / 60, 'minute']
        : seconds < 172_800
          ? [seconds / 3_600, 'hour']
          : [seconds / 86_400, 'day']
  return new Intl.NumberFormat(current, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(
    value,
  )
}
