import type { WarningText } from './text.ts'

/** Warnings about duties to an authority, and the accounts that report them. */
export const AUTHORITY_WARNINGS = {
  duty_refused: {
    severity: 'warning',
    alert: 'authority',
    en: [
      'The authority refused a report of this shop.',
      'Run fiskal-edge duty show ID for the reason. After the correction: fiskal-edge duty send ID. If it was done at the portal: fiskal-edge duty confirm ID.',
    ],
    de: [
      'Die Behörde hat eine Meldung dieses Geschäfts abgelehnt.',
      'fiskal-edge duty show ID nennt den Grund. Nach der Berichtigung: fiskal-edge duty send ID. Im Portal erledigt: fiskal-edge duty confirm ID.',
    ],
    it: [
      "L'autorità ha respinto una comunicazione del negozio.",
      'fiskal-edge duty show ID indica il motivo. Dopo la correzione: fiskal-edge duty send ID. Se fatta sul portale: fiskal-edge duty confirm ID.',
    ],
  },
  duty_unclear: {
    severity: 'warning',
    alert: 'authority',
    en: [
      "The authority's answers do not show whether a report took effect.",
      'Look at the portal. If it has the report: fiskal-edge duty confirm ID. If not: fiskal-edge duty send ID. The answers: fiskal-edge duty show ID.',
    ],
    de: [
      'Aus den Antworten der Behörde geht nicht hervor, ob eine Meldung wirksam wurde.',
      'Im Portal nachsehen. Ist die Meldung dort: fiskal-edge duty confirm ID. Wenn nicht: fiskal-edge duty send ID. Die Antworten zeigt fiskal-edge duty show ID.',
    ],
    it: [
      "Dalle risposte dell'autorità non risulta se una comunicazione ha avuto effetto.",
      'Guardare sul portale. Se la comunicazione risulta: fiskal-edge duty confirm ID. Altrimenti: fiskal-edge duty send ID. Le risposte: fiskal-edge duty show ID.',
    ],
  },
  authority_credentials: {
    severity: 'alarm',
    alert: 'authority',
    en: [
      'FinanzOnline does not accept the account of this shop: nothing is reported.',
      'Follow fiskal-edge duty show ID: correct the files of the account, or give its user the right. To try the same files again: fiskal-edge duty send ID.',
    ],
    de: [
      'FinanzOnline lehnt die Zugangsdaten dieses Geschäfts ab: Es wird nichts gemeldet.',
      'fiskal-edge duty show ID nennt die Schritte: die Dateien des Kontos berichtigen oder seinem Benutzer das Recht geben. Dieselben Dateien noch einmal versuchen: fiskal-edge duty send ID.',
    ],
    it: [
      'FinanzOnline rifiuta le credenziali del negozio: nulla viene comunicato.',
      'fiskal-edge duty show ID indica i passi: correggere i file del conto o dare il diritto al suo utente. Per riprovare gli stessi file: fiskal-edge duty send ID.',
    ],
  },
  authority_unreachable: {
    severity: 'warning',
    alert: 'authority',
    en: [
      'FinanzOnline has given no usable answer for 24 hours. Selling is not affected.',
      'Run fiskal-edge finanzonline check: it names the cause. The agent retries automatically; what is due soon can be done at the portal (fiskal-edge duty list --all).',
    ],
    de: [
      'FinanzOnline hat seit 24 Stunden keine brauchbare Antwort gegeben. Der Verkauf ist nicht berührt.',
      'fiskal-edge finanzonline check nennt die Ursache. Es wird automatisch weiter versucht; was bald fällig ist, geht auch im Portal (fiskal-edge duty list --all).',
    ],
    it: [
      'Da 24 ore FinanzOnline non dà una risposta utile. La vendita non ne risente.',
      'fiskal-edge finanzonline check indica la causa. Si riprova automaticamente; quanto scade presto si può fare sul portale (fiskal-edge duty list --all).',
    ],
  },
  authority_test_mode: {
    severity: 'warning',
    alert: false,
    en: [
      'FinanzOnline is used in test mode: no duty is fulfilled.',
      'Write "mode": "P" in "authorities" of the configuration when the trial is over, then systemctl restart fiskal-edge.',
    ],
    de: [
      'FinanzOnline läuft im Testbetrieb: Keine Pflicht ist damit erfüllt.',
      'Nach der Erprobung "mode": "P" in "authorities" der Konfiguration schreiben, danach systemctl restart fiskal-edge.',
    ],
    it: [
      'FinanzOnline è usato in modalità di prova: nessun obbligo è adempiuto.',
      'Finita la prova scrivere "mode": "P" in "authorities" della configurazione, poi systemctl restart fiskal-edge.',
    ],
  },
} satisfies Readonly<Record<string, WarningText>>
