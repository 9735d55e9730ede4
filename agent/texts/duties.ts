import type { Text } from './text.ts'

/** The name of each kind of duty on the page, before what it is about. In English the page has its title. */
export const DUTY_TEXTS = {
  'agent.clock': {
    de: 'Uhr prüfen: das Journal hat Ereignisse in der Zukunft',
    it: "Controllare l'ora: il registro ha eventi nel futuro",
  },
  'agent.machine': { de: 'Klären, welche Maschine der Laden benutzt', it: 'Chiarire quale macchina usa il negozio' },
  'agent.epoch': { de: 'Fehlende Ereignisse des Journals erklären', it: 'Spiegare gli eventi mancanti del registro' },
  'agent.replaced': {
    de: 'Eine andere Kopie dieses Journals wird fortgeführt',
    it: "Un'altra copia di questo registro prosegue",
  },
  'agent.credentials': { de: 'Zugangsdaten berichtigen', it: 'Correggere le credenziali' },
  'agent.outcome': {
    de: 'Klären, warum ein Gerät ein Ergebnis nicht nennt',
    it: 'Chiarire perché un dispositivo non indica un risultato',
  },
  'de.notice': { de: 'Kassen dem Finanzamt mitteilen', it: "Comunicare le casse all'ufficio delle imposte" },
  'de.tse_archive': { de: 'Stillgelegte TSE archivieren', it: 'Archiviare la TSE dismessa' },
  'de.tse_certificate': { de: 'TSE durch eine neue ersetzen', it: 'Sostituire la TSE con una nuova' },
  'de.foreign_rate': { de: 'Kurs einer Zahlung in fremder Währung erklären', it: 'Spiegare il cambio di un pagamento' },
  'at.unit_registration': { de: 'Signatureinheit registrieren', it: 'Registrare il dispositivo di firma' },
  'at.unit_return': { de: 'Signatureinheit wieder registrieren', it: 'Registrare di nuovo il dispositivo di firma' },
  'at.register_registration': { de: 'Registrierkasse registrieren', it: 'Registrare la cassa' },
  'at.start_receipt_check': { de: 'Startbeleg prüfen', it: 'Controllare lo Startbeleg' },
  'at.annual_receipt': { de: 'Jahresbeleg erstellen', it: 'Emettere lo Jahresbeleg' },
  'at.annual_receipt_check': { de: 'Jahresbeleg prüfen', it: 'Controllare lo Jahresbeleg' },
  'at.register_end': { de: 'Außerbetriebnahme der Kasse melden', it: 'Comunicare la cessazione della cassa' },
  'at.register_outage': { de: 'Ausfall der Kasse melden', it: 'Comunicare il guasto della cassa' },
  'at.register_outage_end': {
    de: 'Ende des Ausfalls der Kasse melden',
    it: 'Comunicare la fine del guasto della cassa',
  },
  'at.data_copy': { de: 'DEP auf ein externes Medium kopieren', it: 'Copiare il DEP su un supporto esterno' },
  'at.aes_key': { de: 'AES-Schlüssel der Kasse zurückholen', it: 'Recuperare la chiave AES della cassa' },
  'at.unit_holder': { de: 'Prüfen, wem die Signatureinheit gehört', it: 'Verificare di chi è il dispositivo di firma' },
  'at.unit_outage': { de: 'Ausfall der Signatureinheit melden', it: 'Comunicare il guasto del dispositivo di firma' },
  'at.unit_outage_end': {
    de: 'Ende des Ausfalls der Signatureinheit melden',
    it: 'Comunicare la fine del guasto del dispositivo di firma',
  },
  'at.unit_end': {
    de: 'Außerbetriebnahme der Signatureinheit melden',
    it: 'Comunicare la cessazione del dispositivo di firma',
  },
  'at.certificate': { de: 'Neue Signatureinheit bestellen', it: 'Ordinare un nuovo dispositivo di firma' },
  'at.card_exchange': { de: 'Signaturkarte tauschen', it: 'Sostituire la carta di firma' },
  'at.daily_archive': {
    de: 'Das tägliche DEP131 kann nicht geschrieben werden',
    it: 'Il DEP131 giornaliero non può essere scritto',
  },
  'it.open_period': { de: 'Offenen Zeitraum des Druckers abschließen', it: 'Chiudere il periodo della stampante' },
  'it.printer_end': { de: 'Drucker beim Finanzamt abmelden', it: "Dismettere la stampante presso l'Agenzia" },
  'it.rejected_file': {
    de: 'Abgelehnte Datei des Druckers nachmelden',
    it: 'Rimediare al file scartato della stampante',
  },
  'it.pos_link': { de: 'Zahlungsterminal mit dem Drucker verbinden', it: 'Collegare il terminale POS alla stampante' },
  'it.pos_unlink': { de: 'Zahlungsterminal vom Drucker trennen', it: 'Scollegare il terminale POS dalla stampante' },
  'it.idle_printer': { de: 'Drucker als außer Betrieb melden', it: 'Dichiarare la stampante fuori servizio' },
  'it.emergency_call': { de: 'Techniker des Druckers rufen', it: 'Chiamare il tecnico della stampante' },
  'it.emergency_state': { de: 'Drucker als „fuori servizio“ melden', it: 'Dichiarare la stampante fuori servizio' },
  'it.emergency_sums': {
    de: 'Summen des Notfallregisters in die Bücher übernehmen',
    it: 'Riportare i totali del registro di emergenza',
  },
  'it.emergency_back': { de: 'Ende des Notfalls prüfen', it: "Controllare la fine dell'emergenza" },
  'it.paper_check': { de: 'Papier des Druckers vergleichen', it: 'Confrontare la carta della stampante' },
} as const satisfies Readonly<Record<string, Omit<Text, 'en'>>>

/** The kinds of `at` or another law, without that prefix: a kind without words here does not compile. */
export type DutyName<Prefix extends string> = keyof typeof DUTY_TEXTS extends infer Kind
  ? Kind extends `${Prefix}.${infer Name}`
    ? Name
    : never
  : never
