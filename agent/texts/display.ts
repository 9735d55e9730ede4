import type { Text } from './text.ts'

/** The words of the customer's display. */
export const DISPLAY_TEXTS = {
  code_alt: { en: 'QR code of the receipt', de: 'QR-Code des Belegs', it: 'Codice QR dello scontrino' },
  link_alt: {
    en: 'QR code of the digital receipt',
    de: 'QR-Code des digitalen Belegs',
    it: 'Codice QR dello scontrino digitale',
  },
  gone: { en: 'No connection', de: 'Keine Verbindung', it: 'Nessun collegamento' },
} satisfies Readonly<Record<string, Text>>
