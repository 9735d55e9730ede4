import type { ReceiptModel } from '../contract/receipt.ts'

const LANGUAGES = ['de', 'en', 'it'] as const satisfies readonly ReceiptModel['language'][]

/**
 * Every word of a receipt: German, English, Italian. What the law itself prescribes (the outage text) comes with the
 * operation and is never translated; names of business cases keep the law's word in brackets (DSFinV-K, GV_TYP).
 */
const LABELS = {
  title_sale: ['Kassenbeleg', 'Receipt', 'Scontrino'],
  title_return: ['Rückgabebeleg', 'Return receipt', 'Reso'],
  title_exchange: ['Umtauschbeleg', 'Exchange receipt', 'Cambio merce'],
  title_deposit: ['Anzahlungsbeleg', 'Deposit receipt', 'Acconto'],
  title_deposit_capture: ['Schlussbeleg zur Anzahlung', 'Receipt with deposit', 'Saldo con acconto'],
  title_void: ['Stornobeleg', 'Reversal', 'Storno'],
  title_session_open: ['Kassenöffnung', 'Session opening', 'Apertura cassa'],
  title_session_cash_adjustment: ['Kassenbewegung', 'Cash movement', 'Movimento di cassa'],
  title_session_cash_count: ['Kassensturz', 'Cash count', 'Conta di cassa'],
  title_session_close: ['Kassenschluss', 'Session close', 'Chiusura cassa'],

  tax_number: ['Steuernummer', 'Tax number', 'Codice fiscale'],
  vat_id: ['USt-IdNr.', 'VAT ID', 'Partita IVA'],
  vat_number: ['USt-IdNr.', 'VAT number', 'Partita IVA'],

  date: ['Datum', 'Date', 'Data'],
  receipt_number: ['Belegnummer', 'Receipt number', 'Numero documento'],
  operation: ['Vorgang', 'Operation', 'Operazione'],
  register: ['Kasse', 'Register', 'Cassa'],
  register_serial: ['Kassen-Seriennummer', 'Register serial number', 'Matricola cassa'],
  operator: ['Bediener', 'Operator', 'Operatore'],
  customer: ['Kunde', 'Customer', 'Cliente'],
  customer_address: ['Anschrift', 'Address', 'Indirizzo'],
  customer_vat_id: ['USt-IdNr. des Kunden', 'VAT ID of customer', 'Partita IVA del cliente'],
  business_date: ['Geschäftstag', 'Business date', 'Giorno contabile'],
  note: ['Notiz', 'Note', 'Nota'],

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

  copy: ['KOPIE', 'COPY', 'COPIA'],
  training: ['TRAINING, kein Verkauf', 'TRAINING, not a sale', 'PROVA, non è una vendita'],
  unsigned: ['Noch ohne TSE-Signatur', 'No TSE signature yet', 'Ancora senza firma TSE'],
  voided: ['ABGEBROCHEN', 'VOIDED', 'ANNULLATO'],
  void_void_before_completion: ['vor Abschluss', 'before completion', 'prima della conclusione'],
  void_customer_abandoned_checkout: ['vom Kunden', 'by the customer', 'dal cliente'],
  void_operator_cancelled: ['vom Bediener', 'by the operator', "dall'operatore"],
  void_payment_failed: ['Zahlung fehlgeschlagen', 'payment failed', 'pagamento fallito'],
  reference: ['Bezug', 'Refers to', 'Riferimento'],
} as const satisfies Record<string, readonly [string, string, string]>

type LabelName = keyof typeof LABELS

/** The words of one language. */
export type Say = (name: LabelName) => string

export function labelsOf(language: ReceiptModel['language']): Say {
  const column = LANGUAGES.indexOf(language)
  return (name) => LABELS[name][column] ?? name
}
