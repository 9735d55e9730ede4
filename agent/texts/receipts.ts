import type { Payment } from '../contract/goods.ts'
import type { Language } from '../contract/receipt.ts'
import type { Text } from './text.ts'

/**
 * Every word of a receipt. Texts that the law prescribes (the outage text) come with the operation and are never
 * translated; names of business cases keep the law's word in brackets (DSFinV-K, GV_TYP).
 */
export const LABELS = {
  title_sale: { en: 'Receipt', de: 'Kassenbeleg', it: 'Scontrino' },
  title_online: { en: 'Online sale', de: 'Online-Verkauf', it: 'Vendita online' },
  title_return: { en: 'Return receipt', de: 'Rückgabebeleg', it: 'Reso' },
  title_exchange: { en: 'Exchange receipt', de: 'Umtauschbeleg', it: 'Cambio merce' },
  title_deposit: { en: 'Deposit receipt', de: 'Anzahlungsbeleg', it: 'Acconto' },
  title_deposit_capture: { en: 'Receipt with deposit', de: 'Schlussbeleg zur Anzahlung', it: 'Saldo con acconto' },
  title_void: { en: 'Reversal', de: 'Stornobeleg', it: 'Storno' },
  title_session_open: { en: 'Session opening', de: 'Kassenöffnung', it: 'Apertura cassa' },
  title_session_cash_adjustment: { en: 'Cash movement', de: 'Kassenbewegung', it: 'Movimento di cassa' },
  title_session_cash_count: { en: 'Cash count', de: 'Kassensturz', it: 'Conta di cassa' },
  title_session_close: { en: 'Session close', de: 'Kassenschluss', it: 'Chiusura cassa' },
  title_closing_daily: { en: 'Daily closing', de: 'Tagesabschluss', it: 'Chiusura giornaliera' },
  title_closing_shift: { en: 'Shift closing', de: 'Schichtabschluss', it: 'Chiusura turno' },
  title_interim: { en: 'Interim report', de: 'Zwischenbericht', it: 'Rapporto intermedio' },
  title_closing_of_month: { en: 'Monthly closing', de: 'Abschluss des Monats', it: 'Chiusura mensile' },
  title_closing_of_year: { en: 'Annual closing', de: 'Abschluss des Jahres', it: 'Chiusura annuale' },
  title_closing_last: { en: 'Last closing', de: 'Letzter Tagesabschluss', it: 'Ultima chiusura' },
  // Austria calls its special receipts by these names (RKSV), in every language.
  title_closing_monthly: { en: 'Monatsbeleg', de: 'Monatsbeleg', it: 'Monatsbeleg' },
  title_closing_annual: { en: 'Jahresbeleg', de: 'Jahresbeleg', it: 'Jahresbeleg' },
  title_closing_zero: { en: 'Nullbeleg', de: 'Nullbeleg', it: 'Nullbeleg' },
  title_closing_start: { en: 'Startbeleg', de: 'Startbeleg', it: 'Startbeleg' },
  title_closing_collective: { en: 'Sammelbeleg', de: 'Sammelbeleg', it: 'Sammelbeleg' },
  title_closing_final: { en: 'Schlussbeleg', de: 'Schlussbeleg', it: 'Schlussbeleg' },
  title_drawer_opening: { en: 'Drawer opening', de: 'Schubladenöffnung', it: 'Apertura cassetto' },

  tax_number: { en: 'Tax number', de: 'Steuernummer', it: 'Codice fiscale' },
  vat_id: { en: 'VAT ID', de: 'USt-IdNr.', it: 'Partita IVA' },
  uid_number: { en: 'VAT ID', de: 'UID-Nr.', it: 'Partita IVA' },
  vat_number: { en: 'VAT number', de: 'USt-IdNr.', it: 'Partita IVA' },

  date: { en: 'Date', de: 'Datum', it: 'Data' },
  receipt_number: { en: 'Receipt number', de: 'Belegnummer', it: 'Numero documento' },
  operation: { en: 'Operation', de: 'Vorgang', it: 'Operazione' },
  external: { en: 'Number of the original', de: 'Nummer der Vorlage', it: "Numero dell'originale" },
  register: { en: 'Register', de: 'Kasse', it: 'Cassa' },
  register_serial: { en: 'Register serial number', de: 'Kassen-Seriennummer', it: 'Matricola cassa' },
  operator: { en: 'Operator', de: 'Bediener', it: 'Operatore' },
  customer: { en: 'Customer', de: 'Kunde', it: 'Cliente' },
  customer_address: { en: 'Address', de: 'Anschrift', it: 'Indirizzo' },
  customer_vat_id: { en: 'VAT ID of customer', de: 'USt-IdNr. des Kunden', it: 'Partita IVA del cliente' },
  customer_tax_number: {
    en: 'Tax number of customer',
    de: 'Steuernummer des Kunden',
    it: 'Codice fiscale del cliente',
  },
  business_date: { en: 'Business date', de: 'Geschäftstag', it: 'Giorno contabile' },
  period: { en: 'Period', de: 'Zeitraum', it: 'Periodo' },
  journal_head: { en: 'Journal', de: 'Journal', it: 'Journal' },
  z_numbers: { en: 'Z numbers', de: 'Z-Nummern', it: 'Numeri Z' },
  shop_of_z: { en: 'Business of Z', de: 'Unternehmen zu Z', it: 'Esercente della Z' },
  shop_from: { en: 'Business from', de: 'Unternehmen ab', it: 'Esercente dal' },
  pending_receipts: { en: 'Receipts still pending', de: 'Noch ohne Ergebnis', it: 'Documenti in sospeso' },
  outage_from: { en: 'Outage from', de: 'Ausfall von', it: 'Guasto dal' },
  outage_to: { en: 'Outage until', de: 'Ausfall bis', it: 'Guasto al' },
  outage_receipts: { en: 'Receipts in the outage', de: 'Belege im Ausfall', it: 'Documenti nel guasto' },
  outage_report: {
    en: 'Report the outage of the signature unit in FinanzOnline, since',
    de: 'Ausfall der Signatureinrichtung in FinanzOnline melden, seit',
    it: 'Segnalare in FinanzOnline il guasto del dispositivo di firma, dal',
  },
  note: { en: 'Note', de: 'Notiz', it: 'Nota' },
  drawer_opening: { en: 'Opening', de: 'Öffnung', it: 'Apertura' },
  reason: { en: 'Reason', de: 'Grund', it: 'Motivo' },

  discount: { en: 'Discount', de: 'Rabatt', it: 'Sconto' },
  tip: { en: 'Tip', de: 'Trinkgeld', it: 'Mancia' },
  gift_card: { en: 'Gift card', de: 'Gutschein', it: 'Buono regalo' },
  redeemed: { en: 'redeemed', de: 'eingelöst', it: 'utilizzato' },
  issued: { en: 'issued', de: 'ausgestellt', it: 'emesso' },
  total: { en: 'Total', de: 'Summe', it: 'Totale' },
  payable: { en: 'Amount due', de: 'Zu zahlen', it: 'Da pagare' },
  change: { en: 'Change', de: 'Rückgeld', it: 'Resto' },

  opening: { en: 'Opening float (Anfangsbestand)', de: 'Anfangsbestand', it: 'Fondo cassa (Anfangsbestand)' },
  counted: { en: 'Counted', de: 'Gezählt', it: 'Contato' },
  expected: { en: 'Expected', de: 'Soll', it: 'Atteso' },
  difference: {
    en: 'Difference (DifferenzSollIst)',
    de: 'Differenz (DifferenzSollIst)',
    it: 'Differenza (DifferenzSollIst)',
  },
  closing: { en: 'Taken out (Geldtransit)', de: 'Entnahme (Geldtransit)', it: 'Prelievo (Geldtransit)' },
  closing_in: { en: 'Put in (Geldtransit)', de: 'Einlage (Geldtransit)', it: 'Versamento (Geldtransit)' },
  left: { en: 'Left in the drawer', de: 'Verbleibt in der Kasse', it: 'Resta in cassa' },
  movement_safe_drop: {
    en: 'Safe drop (Geldtransit)',
    de: 'Abschöpfung (Geldtransit)',
    it: 'In cassaforte (Geldtransit)',
  },
  movement_float_in: { en: 'Float in (Geldtransit)', de: 'Wechselgeld (Geldtransit)', it: 'Fondo cassa (Geldtransit)' },
  movement_bank_deposit: {
    en: 'Bank deposit (Geldtransit)',
    de: 'Bankeinzahlung (Geldtransit)',
    it: 'In banca (Geldtransit)',
  },
  movement_transfer: { en: 'Transfer (Geldtransit)', de: 'Transfer (Geldtransit)', it: 'Trasferimento (Geldtransit)' },
  movement_owner_withdrawal: {
    en: 'Owner out (Privatentnahme)',
    de: 'Privatentnahme',
    it: 'Prelievo (Privatentnahme)',
  },
  movement_owner_deposit: { en: 'Owner in (Privateinlage)', de: 'Privateinlage', it: 'Versamento (Privateinlage)' },
  movement_pay_in: { en: 'Pay-in (Einzahlung)', de: 'Einzahlung', it: 'Entrata (Einzahlung)' },
  movement_pay_out: { en: 'Pay-out (Auszahlung)', de: 'Auszahlung', it: 'Uscita (Auszahlung)' },
  movement_wage: { en: 'Wage (Lohnzahlung)', de: 'Lohnzahlung', it: 'Salario (Lohnzahlung)' },
  movement_tip_payout: { en: 'Tip payout (TrinkgeldAN)', de: 'Auszahlung (TrinkgeldAN)', it: 'Mance (TrinkgeldAN)' },
  movement_correction: {
    en: 'Correction (DifferenzSollIst)',
    de: 'Korrektur (DifferenzSollIst)',
    it: 'Rettifica (DifferenzSollIst)',
  },

  vat: { en: 'VAT', de: 'USt', it: 'IVA' },
  net: { en: 'Net', de: 'Netto', it: 'Imponibile' },
  tax: { en: 'Tax', de: 'Steuer', it: 'Imposta' },
  gross: { en: 'Gross', de: 'Brutto', it: 'Lordo' },
  exempt: { en: 'tax-exempt', de: 'steuerfrei', it: 'esente da imposta' },
  not_taxable: { en: 'not taxable', de: 'nicht steuerbar', it: 'fuori campo imposta' },
  zero_rated: {
    en: 'zero rate, § 12 (3) UStG',
    de: 'Nullsteuersatz, § 12 Abs. 3 UStG',
    it: 'aliquota zero, § 12 (3) UStG',
  },
  small_business: {
    en: 'tax-exempt, small business (§ 6 Abs. 1 Z 27 UStG)',
    de: 'steuerfrei, Kleinunternehmer (§ 6 Abs. 1 Z 27 UStG)',
    it: 'esente, piccola impresa (§ 6 Abs. 1 Z 27 UStG)',
  },
  pass_through: {
    en: 'pass-through item (§ 4 Abs. 3 UStG)',
    de: 'Durchlaufender Posten (§ 4 Abs. 3 UStG)',
    it: 'partita di giro (§ 4 Abs. 3 UStG)',
  },
  margin_scheme: {
    en: 'margin scheme (§ 24 UStG)',
    de: 'Differenzbesteuerung (§ 24 UStG)',
    it: 'regime del margine (§ 24 UStG)',
  },
  margin_scheme_travel: {
    en: 'travel service, margin scheme (§ 23 UStG)',
    de: 'Reiseleistung, Differenzbesteuerung (§ 23 UStG)',
    it: 'servizio di viaggio, regime del margine (§ 23 UStG)',
  },
  reverse_charge: {
    en: 'reverse charge (§ 19 UStG)',
    de: 'Übergang der Steuerschuld (§ 19 UStG)',
    it: 'inversione contabile (§ 19 UStG)',
  },
  intra_community: {
    en: 'tax-exempt intra-Community supply (Art. 7 BMR)',
    de: 'steuerfreie innergemeinschaftliche Lieferung (Art. 7 BMR)',
    it: 'cessione intracomunitaria esente (Art. 7 BMR)',
  },
  export: {
    en: 'tax-exempt export (§ 7 UStG)',
    de: 'steuerfreie Ausfuhrlieferung (§ 7 UStG)',
    it: "cessione all'esportazione esente (§ 7 UStG)",
  },

  nature_N1: { en: 'excluded, art. 15 (N1)', de: 'Auslage, Art. 15 (N1)', it: 'escluso art. 15 (N1)' },
  nature_N2: { en: 'not subject to VAT (N2)', de: 'nicht steuerbar (N2)', it: 'non soggetto (N2)' },
  nature_N3: { en: 'not taxable (N3)', de: 'nicht besteuert (N3)', it: 'non imponibile (N3)' },
  nature_N4: { en: 'tax-exempt (N4)', de: 'steuerfrei (N4)', it: 'esente (N4)' },
  nature_N5: { en: 'margin scheme (N5)', de: 'Differenzbesteuerung (N5)', it: 'regime del margine (N5)' },
  nature_N6: { en: 'other (N6)', de: 'sonstige (N6)', it: 'altro non IVA (N6)' },
  nature_VI: { en: 'ventilazione (VI)', de: 'Ventilazione (VI)', it: 'ventilazione IVA (VI)' },

  method_cash: { en: 'Cash', de: 'Bar', it: 'Contanti' },
  method_card: { en: 'Card', de: 'Karte', it: 'Carta' },
  method_voucher: { en: 'Voucher', de: 'Fremdgutschein', it: 'Voucher' },
  method_gift_card: { en: 'Gift card', de: 'Gutschein', it: 'Buono regalo' },
  method_bank_transfer: { en: 'Bank transfer', de: 'Überweisung', it: 'Bonifico' },
  method_digital_wallet: { en: 'Digital wallet', de: 'Digitale Geldbörse', it: 'Portafoglio digitale' },
  method_store_credit: { en: 'Store credit', de: 'Guthaben', it: 'Credito negozio' },
  method_other: { en: 'Other', de: 'Sonstige', it: 'Altro' },
  method_mobile: { en: 'Mobile', de: 'Mobil', it: 'Mobile' },
  method_online: { en: 'Online', de: 'Online', it: 'Online' },

  transaction: { en: 'TSE transaction number', de: 'TSE-Transaktionsnummer', it: 'Numero transazione TSE' },
  started: { en: 'Start', de: 'Vorgangsbeginn', it: 'Inizio' },
  finished: { en: 'End', de: 'Vorgangsende', it: 'Fine' },
  started_by_till: { en: 'Start (till clock)', de: 'Vorgangsbeginn (Kassenuhr)', it: 'Inizio (orologio cassa)' },
  finished_by_till: { en: 'End (till clock)', de: 'Vorgangsende (Kassenuhr)', it: 'Fine (orologio cassa)' },
  counter: { en: 'Signature counter', de: 'Signaturzähler', it: 'Contatore firme' },
  tse_serial: { en: 'TSE serial number', de: 'TSE-Seriennummer', it: 'Matricola TSE' },
  signature: { en: 'TSE signature', de: 'TSE-Signatur', it: 'Firma TSE' },
  algorithm: { en: 'Signature algorithm', de: 'Signaturalgorithmus', it: 'Algoritmo firma' },
  time_format: { en: 'TSE time format', de: 'TSE-Zeitformat', it: 'Formato ora TSE' },
  public_key: { en: 'TSE public key', de: 'TSE-Schlüssel', it: 'Chiave pubblica TSE' },
  qr: { en: 'QR code', de: 'QR-Code', it: 'Codice QR' },

  cash_box: { en: 'Register id (Kassen-ID)', de: 'Kassen-ID', it: 'Id cassa (Kassen-ID)' },
  encrypted_turnover: { en: 'Turnover counter, encrypted', de: 'Umsatzzähler verschlüsselt', it: 'Contatore cifrato' },
  certificate: { en: 'Certificate serial number', de: 'Zertifikat-Seriennummer', it: 'Numero certificato' },
  previous: { en: 'Hash of previous receipt', de: 'Sig-Voriger-Beleg', it: 'Hash documento precedente' },
  signature_value: { en: 'Signature value', de: 'Signaturwert', it: 'Valore della firma' },
  ocr: { en: 'Machine-readable code', de: 'Maschinenlesbarer Code', it: 'Codice leggibile a macchina' },

  rt_type: { en: 'Document type', de: 'Belegart', it: 'Documento commerciale' },
  rt_document: { en: 'RT document number', de: 'Belegnummer RT', it: 'Documento n.' },
  rt_closure: { en: 'Daily closure (Z)', de: 'Tagesabschluss (Z)', it: 'Chiusura (Z) n.' },
  rt_serial: { en: 'RT serial number (matricola)', de: 'Matricola RT', it: 'Matricola RT' },
  rt_printed: { en: 'Printed', de: 'Gedruckt', it: 'Stampato il' },
  rt_lottery: { en: 'Lottery code', de: 'Lotteriecode', it: 'Codice lotteria' },
  rt_reference: { en: 'RT reference', de: 'Bezug RT', it: 'Documento di riferimento' },

  copy: { en: 'COPY', de: 'KOPIE', it: 'COPIA' },
  uncertified: { en: 'NOT CERTIFIED', de: 'NICHT ZERTIFIZIERT', it: 'NON CERTIFICATO (NOT CERTIFIED)' },
  training: { en: 'TRAINING, not a sale', de: 'TRAINING, kein Verkauf', it: 'PROVA, non è una vendita' },
  unsettled: { en: 'Not fiscalized yet', de: 'Fiskalisierung steht noch aus', it: 'Fiscalizzazione in sospeso' },
  rt_paper: {
    en: 'Not fiscal: the printout of the RT counts',
    de: 'Kein Fiskalbeleg: es gilt der Druck des RT',
    it: 'Non fiscale: vale la stampa del RT',
  },
  unsigned: { en: 'No TSE signature yet', de: 'Noch ohne TSE-Signatur', it: 'Ancora senza firma TSE' },
  voided: { en: 'VOIDED', de: 'ABGEBROCHEN', it: 'ANNULLATO' },
  void_void_before_completion: { en: 'before completion', de: 'vor Abschluss', it: 'prima della conclusione' },
  void_customer_abandoned_checkout: { en: 'by the customer', de: 'vom Kunden', it: 'dal cliente' },
  void_operator_cancelled: { en: 'by the operator', de: 'vom Bediener', it: "dall'operatore" },
  void_payment_failed: { en: 'payment failed', de: 'Zahlung fehlgeschlagen', it: 'pagamento fallito' },
  reference: { en: 'Refers to', de: 'Bezug', it: 'Riferimento' },
} satisfies Readonly<Record<string, Text>> & Readonly<Record<`method_${Payment['method']}`, Text>>

/** Payment methods in German books, in the order of their sums: ZAHLART_NAME of the DSFinV-K, totals of Austria. */
export const METHOD_NAMES: Readonly<Record<Payment['method'], string>> = {
  cash: 'Bargeld',
  card: 'Karte',
  mobile: 'Mobile Zahlung',
  online: 'Onlinezahlung',
  digital_wallet: 'Digitale Geldbörse',
  bank_transfer: 'Überweisung',
  gift_card: 'Gutschein',
  voucher: 'Gutschein eines Dritten',
  store_credit: 'Kundenguthaben',
  other: 'Sonstige',
}

export type LabelName = keyof typeof LABELS

/** The words of one language. */
export type Say = (name: LabelName) => string

export function labelsOf(language: Language): Say {
  return (name) => LABELS[name][language]
}
