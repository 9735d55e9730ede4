import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import type { Chapter, ProcedureTexts } from '../audit-rules.ts'
import { FACTS } from './facts.ts'
import type { SETTINGS } from './settings.ts'

type Settings = ValuesOf<typeof SETTINGS.keys>

const RECEIPTS: Chapter = {
  title: 'Vom Geschäftsvorfall zum Beleg',
  paragraphs: [
    'Beginn: Die Kasse meldet den Vorgang mit seinen Positionen. Rechnung, Steuersätze und Vorzeichen werden auf den Cent geprüft; ein Vorgang, der nicht aufgeht, wird abgewiesen und nicht aufgezeichnet. Die TSE eröffnet die Transaktion.',
    'Ende: Mit der Bezahlung wird die Transaktion mit den Umsätzen je Steuersatz und den Zahlungen abgeschlossen (Kassenbeleg-V1). Der Beleg nennt die Angaben des § 6 KassenSichV und den QR-Code. Die Umsatzsteuer wird je Steuersatz und Beleg einmal kaufmännisch gerundet.',
    'Abbruch: Ein vor der Bezahlung abgebrochener Vorgang wird als AVBelegabbruch signiert und bleibt mit seinen Positionen erhalten. Storno nach der Bezahlung: ein neuer Beleg mit umgekehrten Vorzeichen und Verweis auf den ersten. Nichts wird gelöscht oder überschrieben.',
    'Rückgabe, Umtausch, Rabatt, Pfand, Trinkgeld, Gutschein, Anzahlung und Schulung werden nach der DSFinV-K zugeordnet; wie die Beträge eines Belegs in die Steuerschlüssel fließen, zeigt GET /v1/operations/{id}/explain.',
    'Wird ein Beleg nach einem Stromausfall oder verlorenen Antworten unklar, fragt das Programm die TSE, was geschehen ist; es rät nicht und signiert nicht doppelt.',
  ],
}

const HANDING: Chapter = {
  title: 'Datenüberlassung',
  paragraphs: [
    'Ein Befehl schreibt alles in einen Ordner: das DSFinV-K-Paket, das Archiv der TSE (TAR nach BSI TR-03151), die Z-Berichte, diese Verfahrensdokumentation und einen Prüfbericht, dazu die Prüfsummen: „fiskal-edge audit --out Ordner“. Einzeln: „fiskal-edge export dsfinvk“, „fiskal-edge export tse_tar“.',
    'Ein Paket wird nur herausgegeben, wenn es nach dem Schreiben ohne Beanstandung wieder gelesen wurde. Eine Sitzung gehört zum Zeitraum ihres Geschäftstags. Sitzungen ohne Kassenabschluss sind nicht enthalten; der Prüfbericht nennt sie.',
  ],
}

export function procedureTexts({ dsfinvk, tseMemory }: Settings): ProcedureTexts {
  const { deleteAtPercent } = tseMemory
  const unasked = deleteAtPercent === undefined ? '' : ` oder von selbst, sobald er zu ${deleteAtPercent} % voll ist`
  return {
    registers:
      'Die Seriennummer ist die, unter der die TSE die Kasse kennt und die dem Finanzamt mitgeteilt wird (§ 146a Abs. 4 AO). Sie gilt für die Lebensdauer der Kasse.',
    devices:
      'Angaben des Geräts. Steht dort NICHT ZERTIFIZIERT oder NOT CERTIFIED, so ist es keine zertifizierte TSE im Sinne des § 146a AO und nur für Entwicklung und Schulung geeignet.',
    outages: `Fällt die TSE aus, wird weiter verkauft; der Beleg trägt den Hinweis „${FACTS.outageText}“ und wird nicht nachträglich signiert (AEAO zu § 146a). Beginn, Ende und Grund stehen im Journal, der Grund auch beim einzelnen Bon (TSE_TA_FEHLER). Die TSE wird selbsttätig wieder in Betrieb genommen.`,
    recording: [RECEIPTS, sessions(dsfinvk)],
    keeping: `Aus dem Speicher einer TSE wird nur auf Befehl gelöscht${unasked}, und erst wenn ihr Archiv geprüft ist und im Ordner „archives“ liegt: Es wird mit dem Übrigen überlassen.`,
    handing: [HANDING],
  }
}

function sessions({ defaultOperator, exportDrawerOpenings }: Settings['dsfinvk']): Chapter {
  return {
    title: 'Kassensitzung und Kassenabschluss',
    paragraphs: [
      'Eine Sitzung beginnt mit dem gezählten Anfangsbestand. Einlagen, Entnahmen, Abschöpfungen und Auszahlungen sind eigene signierte Belege. Der Kassensturz hält den gezählten Bestand und die Differenz zum Soll fest, der Kassenschluss die Entnahme. Jeder Kassenschluss ist genau ein Abschluss (Z) mit lückenloser Nummer je Kasse; Stammdaten gelten je Abschluss und werden mit ihm festgehalten.',
      `Bonnummern laufen je Kasse lückenlos über alle Vorgänge, auch Abbrüche und Schulung. Bediener ohne Angabe der Kasse: „${defaultOperator}“.`,
      exportDrawerOpenings
        ? 'Öffnungen der Kassenlade ohne Verkauf werden signiert und stehen im DSFinV-K-Paket (AVSonstige).'
        : 'Öffnungen der Kassenlade ohne Verkauf stehen mit Zeit und Grund im Journal; sie sind kein Geschäftsvorfall.',
    ],
  }
}
