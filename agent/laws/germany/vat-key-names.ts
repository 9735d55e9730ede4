/** Names of the VAT keys of the DSFinV-K (Anlage Umsatzsteuerschlüssel). */
const DESCRIPTIONS: Readonly<Record<number, string>> = {
  1: 'Allgemeiner Steuersatz',
  2: 'Ermäßigter Steuersatz',
  3: 'Durchschnittssatz (§ 24 Abs. 1 Nr. 3 UStG)',
  4: 'Durchschnittssatz (§ 24 Abs. 1 Nr. 1 UStG)',
  5: 'Nicht steuerbar',
  6: 'Umsatzsteuerfrei',
  7: 'Umsatzsteuer nicht ermittelbar',
  8: 'Nullsteuersatz (§ 12 Abs. 3 UStG)',
  11: 'Historischer allgemeiner Steuersatz (19 %)',
  12: 'Historischer ermäßigter Steuersatz (7 %)',
  13: 'Historischer Durchschnittssatz (10,70 %)',
  21: 'Historischer allgemeiner Steuersatz (16 %)',
  22: 'Historischer ermäßigter Steuersatz (5 %)',
  23: 'Historischer Durchschnittssatz (9,50 %)',
  33: 'Historischer Durchschnittssatz (9,00 %)',
  43: 'Historischer Durchschnittssatz (8,40 %)',
  1013: 'Leistung nach § 13b UStG',
  1025: 'Differenzbesteuerung: Gebrauchtgegenstände (§ 25a)',
  1026: 'Differenzbesteuerung: Kunstgegenstände (§ 25a)',
  1027: 'Differenzbesteuerung: Sammlungsstücke (§ 25a)',
  1028: 'Reiseleistung (§ 25 UStG)',
}

/** Empty for a key of the company. */
export function nameOfKey(key: number): string {
  return DESCRIPTIONS[key] ?? ''
}
