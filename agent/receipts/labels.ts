import type { ReceiptModel } from '../contract/receipt.ts'

const LANGUAGES = ['de', 'en', 'it'] as const satisfies readonly ReceiptModel['language'][]

/**
 * Every word of a receipt: German, English, Italian. What the law itself prescribes (the outage text) comes with the
 * operation and is never translated; names of business cases keep the law's word in brackets (DSFinV-K, GV_TYP).
 */
const LABELS = {
  title_sale: ['Kassenbeleg', 'Receipt', 'Scontrino'],
  title_online: ['Online-Verkauf', 'Online sale', 'Vendita online'],
  title_return: ['Rückgabebeleg', 'Return receipt', 'Reso'],
  title_exchange: ['Umtauschbeleg', 'Exchange receipt', 'Cambio merce'],
  title_deposit: ['Anzahlungsbeleg', 'Deposit receipt', 'Acconto'],
  title_deposit_capture: ['Schlussbeleg zur Anzahlung', 'Receipt with deposit', 'Saldo con acconto'],
  title_void: ['Stornobeleg', 'Reversal', 'Storno'],
  title_session_open: ['Kassenöffnung', 'Session opening', 'Apertura cassa'],
  title_session_cash_adjustment: ['Kassenbewegung', 'Cash movement', 'Movimento di cassa'],
  title_session_cash_count: ['Kassensturz', 'Cash count', 'Conta di cassa'],
  title_session_close: ['Kassenschluss', 'Session close', 'Chiusura cassa'],
  title_closing_daily: ['Tagesabschluss', 'Daily closing', 'Chiusura giornaliera'],
  title_closing_shift: ['Schichtabschluss', 'Shift closing', 'Chiusura turno'],
  title_closing_of_month: ['Abschluss des Monats', 'Monthly closing', 'Chiusura mensile'],
  title_closing_of_year: ['Abschluss des Jahres', 'Annual closing', 'Chiusura annuale'],
  title_closing_last: ['Letzter Tagesabschluss', 'Last closing', 'Ultima chiusura'],
  // Austria calls its special receipts by these names (RKSV), in every language.
  title_closing_monthly: ['Monatsbeleg', 'Monatsbeleg', 'Monatsbeleg'],
  title_closing_annual: ['Jahresbeleg', 'Jahresbeleg', 'Jahresbeleg'],
  title_closing_zero: ['Nullbeleg', 'Nullbeleg', 'Nullbeleg'],
  title_closing_start: ['Startbeleg', 'Startbeleg', 'Startbeleg'],
  title_closing_collective: ['Sammelbeleg', 'Sammelbeleg', 'Sammelbeleg'],
  title_closing_final: ['Schlussbeleg', 'Schlussbeleg', 'Schlussbeleg'],
  title_drawer_opening: ['Schubladenöffnung', 'Drawer opening', 'Apertura cassetto'],

  tax_number: ['Steuernummer', 'Tax number', 'Codice fiscale'],
  vat_id: ['USt-IdNr.', 'VAT ID', 'Partita IVA'],
  uid_number: ['UID-Nr.', 'VAT ID', 'Partita IVA'],
  vat_number: ['USt-IdNr.', 'VAT number', 'Partita IVA'],

  date: ['Datum', 'Date', 'Data'],
  receipt_number: ['Belegnummer', 'Receipt number', 'Numero documento'],
  operation: ['Vorgang', 'Operation', 'Operazione'],
  external: ['Nummer der Vorlage', 'Number of the original', "Numero dell'originale"],
  register: ['Kasse', 'Register', 'Cassa'],
  register_serial: ['Kassen-Seriennummer', 'Register serial number', 'Matricola cassa'],
  operator: ['Bediener', 'Operator', 'Operatore'],
  customer: ['Kunde', 'Customer', 'Cliente'],
  customer_address: ['Anschrift', 'Address', 'Indirizzo'],
  customer_vat_id: ['USt-IdNr. des Kunden', 'VAT ID of customer', 'Partita IVA del cliente'],
  customer_tax_number: ['Steuernummer des Kunden', 'Tax number of customer', 'Codice fiscale del cliente'],
  business_date: ['Geschäftstag', 'Business date', 'Giorno contabile'],
  period: ['Zeitraum', 'Period', 'Periodo'],
  z_numbers: ['Z-Nummern', 'Z numbers', 'Numeri Z'],
  outage_from: ['Ausfall von', 'Outage from', 'Guasto dal'],
  outage_to: ['Ausfall bis', 'Outage until', 'Guasto al'],
  outage_receipts: ['Belege im Ausfall', 'Receipts in the outage', 'Documenti nel guasto'],
  outage_report: [
    'Ausfall der Signatureinrichtung in FinanzOnline melden, seit',
    'Report the outage of the signature unit in FinanzOnline, since',
    'Segnalare in FinanzOnline il guasto del dispositivo di firma, dal',
  ],
  note: ['Notiz', 'Note', 'Nota'],
  drawer_opening: ['Öffnung', 'Opening', 'Apertura'],
  reason: ['Grund', 'Reason', 'Motivo'],

  discount: ['Rabatt', 'Discount', 'Sconto'],
  tip: ['Trinkgeld', 'Tip', 'Mancia'],
  gift_card: ['Gutschein', 'Gift card', 'Buono regalo'],
  redeemed: ['eingelöst', 'redeemed', 'utilizzato'],
  issued: ['ausgestellt', 'issued', 'emesso'],
  total: ['Summe', 'Total', 'Totale'],
  payable: ['Zu zahlen', 'Amount due', 'Da pagare'],
  change: ['Rückgeld', 'Change', 'Resto'],

  opening: ['Anfangsbestand', 'Opening float (Anfangsbestand)', 'Fondo cassa (Anfangsbestand)'],
  counted: ['Gezählt', 'Counted', 'Contato'],
  expected: ['Soll', 'Expected', 'Atteso'],
  difference: ['Differenz (DifferenzSollIst)', 'Difference (DifferenzSollIst)', 'Differenza (DifferenzSollIst)'],
  closing: ['Entnahme (Geldtransit)', 'Taken out (Geldtransit)', 'Prelievo (Geldtransit)'],
  closing_in: ['Einlage (Geldtransit)', 'Put in (Geldtransit)', 'Versamento (Geldtransit)'],
  left: ['Verbleibt in der Kasse', 'Left in the drawer', 'Resta in cassa'],
  movement_safe_drop: ['Abschöpfung (Geldtransit)', 'Safe drop (Geldtransit)', 'In cassaforte (Geldtransit)'],
  movement_float_in: ['Wechselgeld (Geldtransit)', 'Float in (Geldtransit)', 'Fondo cassa (Geldtransit)'],
  movement_bank_deposit: ['Bankeinzahlung (Geldtransit)', 'Bank deposit (Geldtransit)', 'In banca (Geldtransit)'],
  movement_transfer: ['Transfer (Geldtransit)', 'Transfer (Geldtransit)', 'Trasferimento (Geldtransit)'],
  movement_owner_withdrawal: ['Privatentnahme', 'Owner out (Privatentnahme)', 'Prelievo (Privatentnahme)'],
  movement_owner_deposit: ['Privateinlage', 'Owner in (Privateinlage)', 'Versamento (Privateinlage)'],
  movement_pay_in: ['Einzahlung', 'Pay-in (Einzahlung)', 'Entrata (Einzahlung)'],
  movement_pay_out: ['Auszahlung', 'Pay-out (Auszahlung)', 'Uscita (Auszahlung)'],
  movement_wage: ['Lohnzahlung', 'Wage (Lohnzahlung)', 'Salario (Lohnzahlung)'],
  movement_tip_payout: ['Auszahlung (TrinkgeldAN)', 'Tip payout (TrinkgeldAN)', 'Mance (TrinkgeldAN)'],
  movement_correction: [
    'Korrektur (DifferenzSollIst)',
    'Correction (DifferenzSollIst)',
    'Rettifica (DifferenzSollIst)',
  ],

  vat: ['USt', 'VAT', 'IVA'],
  net: ['Netto', 'Net', 'Imponibile'],
  tax: ['Steuer', 'Tax', 'Imposta'],
  gross: ['Brutto', 'Gross', 'Lordo'],
  exempt: ['steuerfrei', 'tax-exempt', 'esente da imposta'],
  not_taxable: ['nicht steuerbar', 'not taxable', 'fuori campo imposta'],
  zero_rated: ['Nullsteuersatz, § 12 Abs. 3 UStG', 'zero rate, § 12 (3) UStG', 'aliquota zero, § 12 (3) UStG'],

  nature_N1: ['Auslage, Art. 15 (N1)', 'excluded, art. 15 (N1)', 'escluso art. 15 (N1)'],
  nature_N2: ['nicht steuerbar (N2)', 'not subject to VAT (N2)', 'non soggetto (N2)'],
  nature_N3: ['nicht besteuert (N3)', 'not taxable (N3)', 'non imponibile (N3)'],
  nature_N4: ['steuerfrei (N4)', 'tax-exempt (N4)', 'esente (N4)'],
  nature_N5: ['Differenzbesteuerung (N5)', 'margin scheme (N5)', 'regime del margine (N5)'],
  nature_N6: ['sonstige (N6)', 'other (N6)', 'altro non IVA (N6)'],
  nature_VI: ['Ventilazione (VI)', 'ventilazione (VI)', 'ventilazione IVA (VI)'],

  method_cash: ['Bar', 'Cash', 'Contanti'],
  method_card: ['Karte', 'Card', 'Carta'],
  method_voucher: ['Fremdgutschein', 'Voucher', 'Voucher'],
  method_gift_card: ['Gutschein', 'Gift card', 'Buono regalo'],
  method_bank_transfer: ['Überweisung', 'Bank transfer', 'Bonifico'],
  method_digital_wallet: ['Digitale Geldbörse', 'Digital wallet', 'Portafoglio digitale'],
  method_store_credit: ['Guthaben', 'Store credit', 'Credito negozio'],
  method_other: ['Sonstige', 'Other', 'Altro'],
  method_mobile: ['Mobil', 'Mobile', 'Mobile'],
  method_online: ['Online', 'Online', 'Online'],

  transaction: ['TSE-Transaktionsnummer', 'TSE transaction number', 'Numero transazione TSE'],
  started: ['Vorgangsbeginn', 'Start', 'Inizio'],
  finished: ['Vorgangsende', 'End', 'Fine'],
  started_by_till: ['Vorgangsbeginn (Kassenuhr)', 'Start (till clock)', 'Inizio (orologio cassa)'],
  finished_by_till: ['Vorgangsende (Kassenuhr)', 'End (till clock)', 'Fine (orologio cassa)'],
  counter: ['Signaturzähler', 'Signature counter', 'Contatore firme'],
  tse_serial: ['TSE-Seriennummer', 'TSE serial number', 'Matricola TSE'],
  signature: ['TSE-Signatur', 'TSE signature', 'Firma TSE'],
  algorithm: ['Signaturalgorithmus', 'Signature algorithm', 'Algoritmo firma'],
  time_format: ['TSE-Zeitformat', 'TSE time format', 'Formato ora TSE'],
  public_key: ['TSE-Schlüssel', 'TSE public key', 'Chiave pubblica TSE'],
  qr: ['QR-Code', 'QR code', 'Codice QR'],

  cash_box: ['Kassen-ID', 'Register id (Kassen-ID)', 'Id cassa (Kassen-ID)'],
  encrypted_turnover: ['Umsatzzähler verschlüsselt', 'Turnover counter, encrypted', 'Contatore cifrato'],
  certificate: ['Zertifikat-Seriennummer', 'Certificate serial number', 'Numero certificato'],
  previous: ['Sig-Voriger-Beleg', 'Hash of previous receipt', 'Hash documento precedente'],
  signature_value: ['Signaturwert', 'Signature value', 'Valore della firma'],
  ocr: ['Maschinenlesbarer Code', 'Machine-readable code', 'Codice leggibile a macchina'],

  rt_type: ['Belegart', 'Document type', 'Documento commerciale'],
  rt_document: ['Belegnummer RT', 'RT document number', 'Documento n.'],
  rt_closure: ['Tagesabschluss (Z)', 'Daily closure (Z)', 'Chiusura (Z) n.'],
  rt_serial: ['Matricola RT', 'RT serial number (matricola)', 'Matricola RT'],
  rt_printed: ['Gedruckt', 'Printed', 'Stampato il'],
  rt_lottery: ['Lotteriecode', 'Lottery code', 'Codice lotteria'],
  rt_reference: ['Bezug RT', 'RT reference', 'Documento di riferimento'],

  copy: ['KOPIE', 'COPY', 'COPIA'],
  uncertified: ['NICHT ZERTIFIZIERT', 'NOT CERTIFIED', 'NON CERTIFICATO (NOT CERTIFIED)'],
  training: ['TRAINING, kein Verkauf', 'TRAINING, not a sale', 'PROVA, non è una vendita'],
  unsettled: ['Fiskalisierung steht noch aus', 'Not fiscalized yet', 'Fiscalizzazione in sospeso'],
  rt_paper: [
    'Kein Fiskalbeleg: es gilt der Druck des RT',
    'Not fiscal: the printout of the RT counts',
    'Non fiscale: vale la stampa del RT',
  ],
  unsigned: ['Noch ohne TSE-Signatur', 'No TSE signature yet', 'Ancora senza firma TSE'],
  voided: ['ABGEBROCHEN', 'VOIDED', 'ANNULLATO'],
  void_void_before_completion: ['vor Abschluss', 'before completion', 'prima della conclusione'],
  void_customer_abandoned_checkout: ['vom Kunden', 'by the customer', 'dal cliente'],
  void_operator_cancelled: ['vom Bediener', 'by the operator', "dall'operatore"],
  void_payment_failed: ['Zahlung fehlgeschlagen', 'payment failed', 'pagamento fallito'],
  reference: ['Bezug', 'Refers to', 'Riferimento'],
} as const satisfies Record<string, readonly [string, string, string]>

export type LabelName = keyof typeof LABELS

/** The words of one language. */
export type Say = (name: LabelName) => string

export function labelsOf(language: ReceiptModel['language']): Say {
  const column = LANGUAGES.indexOf(language)
  return (name) => LABELS[name][column] ?? name
}
