import type { Members } from '../../agent/journal/events.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'
import { documentOf } from '../some-document.ts'
import { line, pay, shop, shopDocuments, unrecorded } from './shop.ts'

const PAYLOAD = '_R1-AT1_GW-AT-001_2_2026-01-02T08:07:00_19,90_4,50_0,00_0,00_0,00_WQssGYHP2/o=_2a91f3c4_+a8ze0SW1UU='
const SIGNATURE = 'qUV45VQqJ9pJnUwODSrqdQ63YbMgo6j3430yCr98LGuAOucLJ0rPPjnF9NrTa/X3AG5GS1k+TPAlpZSa7IupGw=='
/** The code in BASE32, as it is printed for OCR-A. */
const OCR =
  '_R1-AT1_GW-AT-001_2_2026-01-02T08:07:00_19,90_4,50_0,00_0,00_0,00_LEFSYGMBZ7N7U===_2a91f3c4_7GXTG62ES3KUK===_VFCXRZKUFIT5USM5JQHA2KXKOUHLOYNTECR2R57DPUZAVP34FRVYAOXHBMTUVTZ6HHC7JWWTNP27OADOIZFVSPSM6AS2LFE25SF2SGY='
/** BASE64 of the words that replace a signature, RKSV § 17. */
const FAILED_SIGNATURE = 'U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg=='

const vienna = { line1: 'Graben 1', city: 'Wien', postal_code: '1010', country_code: 'AUT' }
export const vienneseShop = {
  merchant: {
    legal_name: 'Kaffeehaus Muster KG',
    country_code: 'AUT',
    address: vienna,
    fiscal_identities: [{ country_code: 'AUT', vat_id: 'ATU12345678' }],
  },
  location: { name: 'Graben', address: vienna, timezone: 'Europe/Vienna' },
  register: { name: 'Kassa 1', fiscalization: { regime: 'RKSV', client_id: 'GW-AT-001' } },
}

const rome = { line1: 'Via Roma 1', city: 'Roma', postal_code: '00100', country_code: 'ITA' }
export const romanShop = {
  merchant: {
    legal_name: 'Caffè Città S.r.l.',
    country_code: 'ITA',
    address: rome,
    fiscal_identities: [{ country_code: 'ITA', tax_number: '12345678903', vat_number: '12345678903' }],
  },
  location: { name: 'Centro', address: rome, timezone: 'Europe/Rome' },
  register: { name: 'Cassa 1', fiscalization: { regime: 'RT', client_id: 'cassa-1' } },
}

const coffee = {
  total_amount: '24.40',
  line_items: [line('Röstkaffee', '19.90', '0.20'), line('Mehlspeise', '4.50', '0.10')],
}

/** The words that an operation is journalled with (§ 11 RKSV). */
const WORDS: Readonly<Record<string, readonly string[]>> = { training: ['Trainingsbuchung'], void: ['Stornobuchung'] }

/** A sale of Vienna as signed by its card; `document_type` and `security_device_failed` as given. */
export function austrianSale(kind = 'standard', deviceFailed = false): Members {
  const signature = deviceFailed ? FAILED_SIGNATURE : SIGNATURE
  const words = [...(WORDS[kind] ?? []), ...(deviceFailed ? ['Sicherheitseinrichtung ausgefallen'] : [])]
  const code = `${PAYLOAD}_${signature}`
  return {
    ...unrecorded('sale', coffee, [pay('cash', '24.40')]),
    fiscal: { state: 'succeeded', ...(words.length > 0 && { receipt_text: words.join('\n') }) },
    fiscal_information: {
      regime: 'RKSV',
      receipt_number: '2',
      document_number: '2',
      document_type: kind,
      cash_box_id: 'GW-AT-001',
      encrypted_turnover: 'WQssGYHP2/o=',
      previous_receipt_hash: '+a8ze0SW1UU=',
      certificate_serial: '2a91f3c4',
      signature,
      machine_code: code,
      qr_data: code,
      ocr_code: OCR,
      security_device_failed: deviceFailed,
    },
  }
}

const printed = {
  rt_serial_number: '72IV6000001',
  z_number: '0142',
  document_number: '0142-0002',
  document_type: 'sale',
  printed_at: '2026-09-14T08:00:00.000Z',
}
const taken = {
  ...printed,
  document_number: '0142-0001',
  document_type: 'return',
  reference: '0141-0007 13-09-2026 72IV6000001',
}

function espresso(code: string) {
  return {
    total_amount: '12.50',
    line_items: [
      line('Caffè in grani', '10.00', '0.22', { quantity: 2, unit_price: '5.00' }),
      line('Marca da bollo', '2.50', '0', { taxes: [{ name: 'IVA', rate: '0', tax_amount: '0', code }] }),
    ],
  }
}

/** A sale of Rome as the printer reported it. */
export function italianSale(code = 'N1'): Members {
  const information = { regime: 'RT', ...printed, lottery_code: 'ABCD1234' }
  return {
    ...unrecorded('sale', espresso(code), [pay('card', '12.50')]),
    fiscal: { state: 'succeeded' },
    fiscal_information: information,
  }
}

/** An exchange of Rome: the printer has printed a return and a sale. */
export function italianExchange(): Members {
  const sent = {
    total_amount: '5.00',
    related_operation_id: 'op_1',
    line_items: [line('Tazza', '-5.00', '0.22'), line('Macinino', '10.00', '0.22')],
  }
  return {
    ...unrecorded('exchange', sent, [pay('card', '5.00')]),
    fiscal: { state: 'succeeded' },
    fiscal_information: { regime: 'RT', ...printed, documents: [taken, printed] },
  }
}

export const drawerOpening: Members = {
  id: 'cdo_01JNB8V6W7E0S5T4R3Q2P1M0N9',
  object: 'cash_drawer_opening',
  type: 'cash_drawer_opening',
  register_id: 'reg_1',
  occurred_at: '2026-03-02T07:14:41.120Z',
  operation_id: null,
  reason: 'Wechselgeld für Gast',
  note: 'Verdacht: intern',
  cashier: { id: 'u7', display_name: 'Erika Muster' },
}
export const drawerDocuments = {
  ...shopDocuments(shop),
  laws: BUILT_IN_LAWS.map((law) => law.receipt),
  isUncertified: (): boolean => false,
  subject: documentOf('drawer_opening', { set: drawerOpening }),
}
