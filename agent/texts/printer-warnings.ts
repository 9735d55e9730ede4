import type { WarningText } from './text.ts'

/** No command of ours sets it. */
export const PRINTER_CLOCK_REMEDY =
  "Make the daily closing (Z) first; then set the clock in the printer's menu, or have its technician do it."

/** Warnings about fiscal printers. */
export const PRINTER_WARNINGS = {
  printer_clock_wrong: {
    severity: 'alarm',
    alert: 'clock',
    en: [
      'The clock of the printer is not set, or is earlier than its last document: it prints no documents.',
      'Compare it with the right time; if it is wrong, call its technician. The printer continues automatically.',
    ],
    de: [
      'Die Uhr des Druckers ist nicht gestellt oder geht vor seinem letzten Beleg: Er druckt keine Belege.',
      'Mit der richtigen Zeit vergleichen; geht sie falsch, den Techniker des Druckers rufen. Danach druckt er automatisch wieder.',
    ],
    it: [
      "L'orologio della stampante non è regolato o è anteriore al suo ultimo documento: non ne stampa alcuno.",
      "Confrontarlo con l'ora esatta; se è sbagliato, chiamare il tecnico. Poi la stampante riprende automaticamente.",
    ],
  },
  printer_paper_low: {
    severity: 'warning',
    alert: 'device_warnings',
    en: ['The paper of the printer is running low.', 'Keep a roll ready.'],
    de: ['Das Papier des Druckers geht zu Ende.', 'Eine Rolle bereitlegen.'],
    it: ['La carta della stampante sta per finire.', 'Tenere pronto un rotolo.'],
  },
  printer_paper_out: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: ['The printer has no paper.', 'Put a roll in.'],
    de: ['Der Drucker hat kein Papier.', 'Eine Rolle einlegen.'],
    it: ['La stampante è senza carta.', 'Inserire un rotolo.'],
  },
  printer_cover_open: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: ['The cover of the printer is open.', 'Close it.'],
    de: ['Der Deckel des Druckers ist offen.', 'Den Deckel schließen.'],
    it: ['Il coperchio della stampante è aperto.', 'Chiudere il coperchio.'],
  },
  daily_closing_due: {
    severity: 'alarm',
    alert: 'duties',
    en: ["The printer's day is open for more than 24 hours.", 'Make the daily closing.'],
    de: ['Der Tag des Druckers ist seit mehr als 24 Stunden offen.', 'Den Tagesabschluss machen.'],
    it: ['La giornata della stampante è aperta da più di 24 ore.', 'Fare la chiusura giornaliera.'],
  },
  printer_transmission_pending: {
    severity: 'warning',
    alert: false,
    en: [
      'Many files of the printer wait for the tax office.',
      'Check the network connection of the printer: at its limit it stops selling.',
    ],
    de: [
      'Viele Dateien des Druckers warten auf das Finanzamt.',
      'Netzanschluss des Druckers prüfen: an seiner Grenze verkauft er nicht mehr.',
    ],
    it: [
      "Molti file della stampante attendono l'invio all'Agenzia delle Entrate.",
      'Controllare la rete della stampante: al limite non vende più.',
    ],
  },
  printer_transmission_due: {
    severity: 'alarm',
    alert: 'duties',
    en: [
      'A file of the printer has waited long for the tax office.',
      'Check the network connection of the printer: the law gives it 12 days.',
    ],
    de: [
      'Eine Datei des Druckers wartet schon lange auf das Finanzamt.',
      'Netzanschluss des Druckers prüfen: das Gesetz gibt ihm 12 Tage.',
    ],
    it: [
      "Un file della stampante attende da tempo l'invio.",
      'Controllare la rete della stampante: la legge concede 12 giorni.',
    ],
  },
  printer_idle: {
    severity: 'warning',
    alert: 'device_warnings',
    en: [
      'The printer has made no Z for ten days or more.',
      'Make a Z, or state the printer as out of service by the twelfth day: fiskal-edge duty list.',
    ],
    de: [
      'Der Drucker hat seit mindestens zehn Tagen keine chiusura (Z) gemacht.',
      'Eine Z machen, oder den Drucker bis zum zwölften Tag als „fuori servizio“ melden: fiskal-edge duty list.',
    ],
    it: [
      'La stampante non fa una chiusura (Z) da almeno dieci giorni.',
      'Fare una chiusura, oppure mettere la stampante "fuori servizio" entro il dodicesimo giorno: fiskal-edge duty list.',
    ],
  },
  printer_transmission_failed: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The tax office rejected a file of the printer.',
      'Follow the duty rt-rejected-… within five working days: fiskal-edge duty list.',
    ],
    de: [
      'Das Finanzamt hat eine Datei des Druckers abgelehnt.',
      'Der Aufgabe rt-rejected-… binnen fünf Werktagen folgen: fiskal-edge duty list.',
    ],
    it: [
      "L'Agenzia delle Entrate ha scartato un file della stampante.",
      'Seguire il compito rt-rejected-… entro cinque giorni lavorativi: fiskal-edge duty list.',
    ],
  },
  printer_periodic_check_due: {
    severity: 'warning',
    alert: false,
    en: ['The periodic check of the printer is due.', 'Call its technician.'],
    de: ['Die wiederkehrende Prüfung des Druckers ist fällig.', 'Seinen Techniker rufen.'],
    it: ['La verifica periodica della stampante è dovuta.', 'Chiamare il tecnico.'],
  },
  print_unresolved: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The printer cannot report whether it printed a document: others were printed since. It sells nothing until a person resolves this.',
      'Look at its paper; then fiskal-edge device resolve ID, with --printed NUMBER or --not-printed.',
    ],
    de: [
      'Der Drucker kann nicht sagen, ob er einen Beleg gedruckt hat: seither wurden weitere gedruckt. Bis das geklärt ist, wird nicht verkauft.',
      'Sein Papier ansehen; danach fiskal-edge device resolve ID, mit --printed NUMMER oder --not-printed.',
    ],
    it: [
      'La stampante non può dire se ha stampato un documento: dopo ne ha stampati altri. Finché non è chiarito, non si vende.',
      'Guardare la carta; poi fiskal-edge device resolve ID, con --printed NUMERO o --not-printed.',
    ],
  },
  print_uncertain: {
    severity: 'warning',
    alert: false,
    en: [
      'A reply of the printer was lost, and an equal document may be of another system: look at its paper.',
      'Follow the duty that fiskal-edge duty list shows for the document; then fiskal-edge duty confirm ID.',
    ],
    de: [
      'Eine Antwort des Druckers ging verloren, und ein gleicher Beleg kann von jemand anderem sein: das Papier ansehen.',
      'fiskal-edge duty list nennt den Beleg und sagt, was zu tun ist; danach fiskal-edge duty confirm ID.',
    ],
    it: [
      "Una risposta della stampante è andata persa, e un documento uguale può essere d'altri: guardare la carta.",
      'fiskal-edge duty list indica il documento e che cosa fare; poi fiskal-edge duty confirm ID.',
    ],
  },
  printer_replaced: {
    severity: 'warning',
    alert: false,
    en: [
      'A printer was replaced before it reported whether it had printed a document: look at its paper.',
      'Follow the duty that fiskal-edge duty list shows for the document; then fiskal-edge duty confirm ID.',
    ],
    de: [
      'Ein Drucker wurde getauscht, bevor er sagte, ob er einen Beleg gedruckt hat: sein Papier ansehen.',
      'fiskal-edge duty list nennt den Beleg und sagt, was zu tun ist; danach fiskal-edge duty confirm ID.',
    ],
    it: [
      'Una stampante è stata sostituita prima di dire se aveva stampato un documento: guardare la sua carta.',
      'fiskal-edge duty list indica il documento e che cosa fare; poi fiskal-edge duty confirm ID.',
    ],
  },
  annulment_due: {
    severity: 'alarm',
    alert: 'duties',
    en: [
      'A power loss turned a return into a sale, and the printer did not annul it.',
      'Annul the sale that fiskal-edge duty list names, at the keys of the printer; then fiskal-edge duty confirm ID.',
    ],
    de: [
      'Ein Stromausfall hat aus einem reso einen Verkauf gemacht, und der Drucker wollte ihn nicht annullieren.',
      'fiskal-edge duty list nennt den Verkauf: an den Tasten des Druckers annullieren; danach fiskal-edge duty confirm ID.',
    ],
    it: [
      'Una mancanza di corrente ha fatto di un reso una vendita, e la stampante non ha voluto annullarla.',
      'fiskal-edge duty list indica la vendita: annullarla ai tasti della stampante; poi fiskal-edge duty confirm ID.',
    ],
  },
  misprint_annulled: {
    severity: 'warning',
    alert: false,
    en: [
      'A power loss turned a return into a sale; the printer annulled it at once.',
      'Keep the papers that fiskal-edge duty list names; then fiskal-edge duty confirm ID.',
    ],
    de: [
      'Ein Stromausfall hat aus einem reso einen Verkauf gemacht; der Drucker hat ihn sofort annulliert.',
      'fiskal-edge duty list nennt die Belege, die aufzuheben sind; danach fiskal-edge duty confirm ID.',
    ],
    it: [
      "Una mancanza di corrente ha fatto di un reso una vendita; la stampante l'ha annullata subito.",
      'fiskal-edge duty list indica i documenti da conservare; poi fiskal-edge duty confirm ID.',
    ],
  },
  printer_emergency_open: {
    severity: 'alarm',
    alert: 'devices',
    en: [
      'The emergency register of the printer is open: sales are entered, and nothing is printed.',
      'Follow the duties of fiskal-edge duty list. When the printer is back: fiskal-edge emergency close DEVICE.',
    ],
    de: [
      'Das Notfallregister des Druckers ist offen: Verkäufe werden eingetragen, gedruckt wird nichts.',
      'Den Pflichten von fiskal-edge duty list folgen. Geht der Drucker wieder: fiskal-edge emergency close DEVICE.',
    ],
    it: [
      'Il registro di emergenza della stampante è aperto: le vendite vengono registrate, nulla viene stampato.',
      'Seguire i compiti di fiskal-edge duty list. Quando la stampante torna: fiskal-edge emergency close DEVICE.',
    ],
  },
  printer_out_of_service: {
    severity: 'alarm',
    alert: 'devices',
    en: ['The printer is not in service.', 'Call its technician.'],
    de: ['Der Drucker ist nicht in Betrieb.', 'Seinen Techniker rufen.'],
    it: ['La stampante non è in servizio.', 'Chiamare il tecnico.'],
  },
} satisfies Readonly<Record<string, WarningText>>
