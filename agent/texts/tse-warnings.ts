import type { WarningText } from './text.ts'

/** Warnings about TSEs alone. */
export const TSE_WARNINGS = {
  tse_retired: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The connected TSE was retired: nothing is signed with it.',
      'Connect its replacement. If that has another id: fiskal-edge device retire ID --reason TEXT --successor OTHER. If its registers use another device already, remove its entry from "devices" and restart the agent.',
    ],
    de: [
      'Die angeschlossene TSE ist außer Betrieb genommen und signiert nicht mehr.',
      'Die Ersatz-TSE anschließen. Arbeiten die Kassen schon mit einem anderen Gerät: den Eintrag aus „devices“ nehmen und den Agenten neu starten.',
    ],
    it: [
      'Il dispositivo collegato è stato messo fuori uso: non firma più nulla.',
      'Collegare quello che ne prende il posto; se le sue casse continuano con un altro dispositivo, togliere la sua voce da "devices" e riavviare l’agente.',
    ],
  },
  tse_ahead: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The TSE signed transactions that the journal does not contain: an old backup was restored, or another machine uses this TSE.',
      'Make sure that no other machine sells with it; then fiskal-edge device adopt ID.',
    ],
    de: [
      'Die TSE hat Vorgänge signiert, die im Journal fehlen: Eine alte Sicherung wurde eingespielt, oder eine andere Kopie verkauft.',
      'Sicherstellen, dass keine andere Maschine damit verkauft; dann fiskal-edge device adopt ID.',
    ],
    it: [
      'Il dispositivo ha firmato ciò che il registro non conosce: è stata ripristinata una vecchia copia, o un’altra copia vende.',
      'Assicurarsi che nessun’altra macchina venda con esso; poi fiskal-edge device adopt ID.',
    ],
  },
  tse_rolled_back: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The memory of the TSE is older than the journal: it was rolled back with its disk, or is a copy, and would assign numbers twice.',
      'Make sure that no other machine sells with it; then fiskal-edge device adopt ID.',
    ],
    de: [
      'Der Speicher der TSE ist älter als das Journal: er wurde mit seiner Platte zurückgesetzt oder ist eine Kopie und vergäbe Nummern doppelt.',
      'Sicherstellen, dass keine andere Maschine damit verkauft; dann fiskal-edge device adopt ID.',
    ],
    it: [
      'La memoria del dispositivo è più vecchia del registro: è stata riportata indietro con il suo disco, o è una copia, e darebbe numeri due volte.',
      'Assicurarsi che nessun’altra macchina venda con esso; poi fiskal-edge device adopt ID.',
    ],
  },
  tse_unreadable: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The TSE signs, but its signed transactions cannot be read from it.',
      'Order a new one now. Try fiskal-edge device archive ID, and the unit at another port or computer. The agent reads it again each hour; a good reading ends this alarm. Replace it: fiskal-edge device retire ID --reason TEXT.',
    ],
    de: [
      'Die TSE signiert, aber was sie signiert hat, lässt sich nicht auslesen.',
      'Jetzt eine neue bestellen. fiskal-edge device archive ID versuchen, auch an einem anderen Anschluss oder Rechner. Stündlich wird neu gelesen; gelingt es, endet der Alarm. Ersetzen: fiskal-edge device retire ID --reason TEXT.',
    ],
    it: [
      'La TSE firma, ma quanto ha firmato non si può leggere.',
      'Ordinarne subito una nuova. Provare fiskal-edge device archive ID, anche a un’altra porta o su un altro computer. La lettura viene ripetuta ogni ora; se riesce, l’allarme finisce. Per sostituirla: fiskal-edge device retire ID --reason TEXT.',
    ],
  },
  tse_foreign_transactions: {
    severity: 'warning',
    alert: false,
    en: [
      'Transactions are open on this TSE that this journal did not begin.',
      'Finish them at the till that began them. If it no longer exists, or they are missing in a restored backup: fiskal-edge device abort-foreign ID.',
    ],
    de: [
      'Auf dieser TSE sind Transaktionen offen, die dieses Journal nicht begonnen hat.',
      'An der Kasse abschließen, die sie begonnen hat. Gibt es diese nicht mehr, oder fehlen sie in einer eingespielten Sicherung: fiskal-edge device abort-foreign ID.',
    ],
    it: [
      'Su questa TSE sono aperte transazioni che questo registro non ha iniziato.',
      'Chiuderle alla cassa che le ha aperte; se non c’è più, o se mancano a un backup ripristinato: fiskal-edge device abort-foreign ID.',
    ],
  },
  tse_open_transactions_high: {
    severity: 'warning',
    alert: false,
    en: [
      'The number of open sales is near the limit of the TSE.',
      'Complete or void sales that are no longer needed (GET /v1/operations?status=open).',
    ],
    de: [
      'Es sind fast so viele Verkäufe offen, wie die TSE gleichzeitig annimmt.',
      'Nicht mehr benötigte Verkäufe abschließen oder abbrechen (GET /v1/operations?status=open).',
    ],
    it: [
      'Sono aperte quasi tante vendite quante la TSE ne accetta insieme.',
      'Concludere o annullare quelle che non servono più (GET /v1/operations?status=open).',
    ],
  },
  tse_open_transactions_full: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The number of open sales has reached the limit of the TSE: it cannot sign a new one.',
      'Complete or void the open ones (GET /v1/operations?status=open); those of other programs: fiskal-edge device abort-foreign ID.',
    ],
    de: [
      'So viele Verkäufe sind offen, wie die TSE annimmt: Neue signiert sie nicht.',
      'Die offenen abschließen oder abbrechen (GET /v1/operations?status=open); die anderer Programme: fiskal-edge device abort-foreign ID.',
    ],
    it: [
      'Sono aperte tante vendite quante ne accetta la TSE: non firma quelle che iniziano ora.',
      'Concludere o annullare quelle aperte (GET /v1/operations?status=open); quelle di altri programmi: fiskal-edge device abort-foreign ID.',
    ],
  },
} satisfies Readonly<Record<string, WarningText>>
