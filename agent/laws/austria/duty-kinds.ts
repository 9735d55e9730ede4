import type { DutyName } from '../../texts/duties.ts'
import type { DutyKind } from '../duty-kind.ts'
import { FACTS } from './facts.ts'

function reported(name: DutyName<'at'>, why: string): DutyKind {
  return { kind: `at.${name}`, regime: FACTS.name, authority: 'FinanzOnline', why }
}

/** A duty of the shop that is reported to no office. */
function kept(name: DutyName<'at'>, why: string): DutyKind {
  return { ...reported(name, why), authority: null }
}

export const DUTY_KINDS = {
  unitRegistration: reported(
    'unit_registration',
    'A signature unit is registered in FinanzOnline before its receipts count (§ 16 RKSV).',
  ),
  unitReturn: reported('unit_return', 'A unit whose end was reported signs again (§ 17 RKSV).'),
  registerRegistration: reported(
    'register_registration',
    'A register and its AES key are registered within a week of the Startbeleg (§ 6 Abs. 3, § 16 RKSV).',
  ),
  startReceiptCheck: reported(
    'start_receipt_check',
    'The Startbeleg is checked right after the registration (§ 6 Abs. 4 RKSV).',
  ),
  annualReceipt: kept('annual_receipt', 'Each year with receipts has a Jahresbeleg (§ 8 Abs. 3 RKSV).'),
  annualReceiptCheck: reported(
    'annual_receipt_check',
    'The Jahresbeleg is checked until 15 February (§ 8 Abs. 3 RKSV).',
  ),
  registerEnd: reported('register_end', 'The end of a register is reported (§ 17 RKSV).'),
  registerOutage: reported(
    'register_outage',
    'An outage of a register that is not temporary is reported within a week (§ 17 RKSV).',
  ),
  registerOutageEnd: reported(
    'register_outage_end',
    'The end of a reported outage is reported within a week (§ 17 RKSV).',
  ),
  dataCopy: kept('data_copy', 'The DEP is copied to an external medium each quarter (§ 7 Abs. 3 RKSV).'),
  aesKey: kept('aes_key', 'Without its AES key a register can record nothing more.'),
  unitHolder: kept('unit_holder', 'The certificate of a signature unit names the shop.'),
  unitOutage: reported('unit_outage', 'An outage of more than 48 hours is reported within a week (§ 17 RKSV).'),
  unitOutageEnd: reported('unit_outage_end', 'The end of a reported outage is reported within a week (§ 17 RKSV).'),
  unitEnd: reported('unit_end', 'The end of a signature unit is reported within a week (§ 17 RKSV).'),
  certificate: kept('certificate', 'An expired certificate can no longer be registered (§ 15 Abs. 3 RKSV).'),
  cardExchange: kept('card_exchange', 'The card type loses its confirmation (§ 15 RKSV).'),
  dailyArchive: kept('daily_archive', 'The configuration asks for a daily DEP131 that cannot be written.'),
} as const satisfies Readonly<Record<string, DutyKind>>
