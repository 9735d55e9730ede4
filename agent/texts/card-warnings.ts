import type { WarningText } from './text.ts'

/** Warnings about signature cards and HSMs, and the acts that § 17 RKSV requires. */
export const CARD_WARNINGS = {
  card_outage: {
    severity: 'alarm',
    alert: 'device_warnings',
    because: 'device_trouble',
    en: [
      'The signature unit is down. Without a fallback unit, receipts carry the outage notice.',
      'Check card and reader. The agent retries automatically.',
    ],
    de: [
      'Die Signatureinrichtung ist ausgefallen. Signiert keine andere, steht „Sicherheitseinrichtung ausgefallen“ auf den Belegen.',
      'Karte und Leser prüfen. Sie wird automatisch wieder verbunden.',
    ],
    it: [
      'Il dispositivo di firma è guasto. Se nessun altro firma al suo posto, gli scontrini riportano l’avviso.',
      'Controllare la smart card e il lettore. Il collegamento riprende automaticamente.',
    ],
  },
  card_outage_report_due: {
    severity: 'alarm',
    alert: 'duties',
    en: ['The signature unit has been down for 48 hours.', 'Report the outage in FinanzOnline (§ 17 RKSV).'],
    de: ['Die Signatureinrichtung ist seit 48 Stunden ausgefallen.', 'Den Ausfall in FinanzOnline melden (§ 17 RKSV).'],
    it: ['Il dispositivo di firma è fuori uso da 48 ore.', 'Segnalare il guasto in FinanzOnline (§ 17 RKSV).'],
  },
  card_outage_report_urgent: {
    severity: 'alarm',
    alert: 'duties',
    en: ['The signature unit has been down for six days.', 'Report the outage in FinanzOnline today (§ 17 RKSV).'],
    de: [
      'Die Signatureinrichtung ist seit sechs Tagen ausgefallen.',
      'Den Ausfall heute in FinanzOnline melden (§ 17 RKSV).',
    ],
    it: ['Il dispositivo di firma è fuori uso da sei giorni.', 'Segnalare oggi il guasto in FinanzOnline (§ 17 RKSV).'],
  },
} satisfies Readonly<Record<string, WarningText>>
