import type * as z from 'zod'
import { address } from './address.ts'
import { allocationGroupDto, allocationGroupList } from './allocation-groups.ts'
import { amendLineItem, amendOperation, cancelledLineItem, cancelledTax } from './amendment.ts'
import { amounts } from './amounts.ts'
import { change } from './change.ts'
import { claimSum, closing, closingList, closingTotals, countedSum, createClosing, namedSum } from './closing.ts'
import { cashier, createDrawerOpening, drawerOpening, drawerOpeningList } from './drawer-opening.ts'
import { duty, dutyList, dutyStep, waitsFor } from './duty.ts'
import { errorDto, errorExplanation } from './error.ts'
import { explanation } from './explanation.ts'
import { createExport, exportJob } from './export.ts'
import { fiscalInformation } from './fiscal-information.ts'
import { countedCurrency, foreignCash } from './foreign-cash.ts'
import {
  createDeposit,
  createDepositCapture,
  createExchange,
  createReturn,
  createSale,
  createVoid,
  customer,
  discount,
  externalRelatedOperation,
  lineItem,
  lineType,
  quantity,
  source,
  tax,
} from './goods.ts'
import {
  closedByPrinter,
  drawerBelowZero,
  emergencyEntries,
  hint,
  returnedBeyondSale,
  rtDocumentsUnknown,
  voucherBeyondSale,
} from './hint.ts'
import { inventory, updateInventory } from './inventory.ts'
import { issueOperation } from './issued.ts'
import type { ShapedLaw } from './laws.ts'
import { createLocation, location, locationList, updateLocation } from './location.ts'
import {
  createdAt,
  department,
  externalId,
  inHouse,
  operatorId,
  operatorName,
  shopNote,
  shownMetadata,
  terminalId,
} from './members.ts'
import { agency, createMerchant, merchant, merchantList, updateMerchant } from './merchant.ts'
import {
  answeredDiscount,
  answeredLineItem,
  answeredPayment,
  answeredTax,
  completeOperation,
  createOperation,
  depositCaptureOperation,
  depositOperation,
  employeeBenefitOperation,
  exchangeOperation,
  fiscal,
  goodsMovement,
  onAccount,
  operation,
  operationEnvelope,
  operationList,
  orderMoveOperation,
  orderOperation,
  returnOperation,
  reversalOperation,
  saleOperation,
  sessionCashAdjustmentOperation,
  sessionCashCountOperation,
  sessionCloseOperation,
  sessionOpenOperation,
  transferOperation,
  voidOperation,
} from './operation.ts'
import { createOrderMove, movedOrderLine, settledOrderLine } from './order-lines.ts'
import { overview } from './overview.ts'
import { payment, tender } from './payment.ts'
import {
  createPaymentTerminal,
  paymentTerminal,
  paymentTerminalList,
  updatePaymentTerminal,
} from './payment-terminals.ts'
import { createPrintout, printout } from './printout.ts'
import { receipt, receiptAmount, receiptLine, receiptText } from './receipt.ts'
import {
  createRegister,
  decommissionRegister,
  fiscalization,
  fiscalizedRegister,
  fiscalizeRegister,
  register,
  registerList,
  terminal,
  updateRegister,
} from './register.ts'
import { countryCode, currency, deviceFailure, metadataShape, nextCursor } from './scalars.ts'
import { interimCount, session, sessionList } from './session.ts'
import {
  createSessionCashAdjustment,
  createSessionCashCount,
  createSessionClose,
  createSessionOpen,
} from './session-event.ts'
import {
  device,
  deviceList,
  health,
  journalEvent,
  journalPage,
  readiness,
  syncError,
  syncTarget,
  syncTargetList,
  warning,
} from './status.ts'
import { createEmployeeBenefit, createOrder, createTransfer } from './unpaid.ts'
import { vatRate, vatRateList } from './vat-rates.ts'

/** Schemas by their names in the OpenAPI document: the cloud's names where it has one, so that generated clients fit. */
export type Components = Readonly<Record<string, z.ZodType>>

/** Components whose members others extend, each after the one that it extends itself. */
export const BASES = ['OperationEnvelope', 'GoodsMovement'] as const

const MERCHANTS: Components = {
  ErrorDto: errorDto,
  ErrorExplanation: errorExplanation,
  Address: address,
  CountryCode: countryCode,
  Metadata: metadataShape,
  NextCursor: nextCursor,
  CreateMerchantDto: createMerchant,
  UpdateMerchantDto: updateMerchant,
  Agency: agency,
  Merchant: merchant,
  MerchantListResponse: merchantList,
}

const OPERATIONS: Components = {
  CreateLocationDto: createLocation,
  UpdateLocationDto: updateLocation,
  Location: location,
  LocationListResponse: locationList,
  CreateRegisterDto: createRegister,
  UpdateRegisterDto: updateRegister,
  FiscalizeRegisterDto: fiscalizeRegister,
  DecommissionRegisterDto: decommissionRegister,
  RegisterInventory: inventory,
  UpdateRegisterInventoryDto: updateInventory,
  Register: register,
  Terminal: terminal,
  Fiscalization: fiscalization,
  DeviceFailure: deviceFailure,
  FiscalizedRegister: fiscalizedRegister,
  RegisterListResponse: registerList,
  CreatePaymentTerminalDto: createPaymentTerminal,
  UpdatePaymentTerminalDto: updatePaymentTerminal,
  PaymentTerminal: paymentTerminal,
  PaymentTerminalListResponse: paymentTerminalList,
  CreateOperationDto: createOperation,
  CreateSaleOperationDto: createSale,
  CreateReturnOperationDto: createReturn,
  CreateExchangeOperationDto: createExchange,
  CreateDepositOperationDto: createDeposit,
  CreateDepositCaptureOperationDto: createDepositCapture,
  CreateReversalOperationDto: createVoid,
  CreateOrderOperationDto: createOrder,
  CreateTransferOperationDto: createTransfer,
  CreateEmployeeBenefitOperationDto: createEmployeeBenefit,
  CreateOrderMoveOperationDto: createOrderMove,
  CreateSessionOpenOperationDto: createSessionOpen,
  CreateSessionCashAdjustmentOperationDto: createSessionCashAdjustment,
  CreateSessionCashCountOperationDto: createSessionCashCount,
  CreateSessionCloseOperationDto: createSessionClose,
  AmendOperationDto: amendOperation,
  CreateLineItemDto: lineItem,
  AmendLineItemDto: amendLineItem,
  CreateTaxDto: tax,
  CreateDiscountDto: discount,
  CreatePaymentDto: payment,
  Customer: customer,
  ExternalRelatedOperation: externalRelatedOperation,
  CompleteOperationDto: completeOperation,
  VoidOperationDto: voidOperation,
  IssueOperationDto: issueOperation,
  OperationEnvelope: operationEnvelope,
  GoodsMovement: goodsMovement,
  OnAccount: onAccount,
  ExternalId: externalId,
  OperatorId: operatorId,
  OperatorName: operatorName,
  TerminalId: terminalId,
  InHouse: inHouse,
  CreatedAt: createdAt,
  ShopNote: shopNote,
  ShownMetadata: shownMetadata,
  Department: department,
  Currency: currency,
  OperationSource: source,
  LineType: lineType,
  Quantity: quantity,
  UnitPrice: lineItem.shape.unit_price,
  LineTotalAmount: lineItem.shape.total_amount,
  PaymentMethod: payment.shape.method,
  PaymentStatus: payment.shape.status,
  PaymentTender: tender,
  PretaxAmount: amounts.pretax_amount,
  TaxAmount: amounts.tax_amount,
  TipAmount: amounts.tip_amount,
  TotalAmount: amounts.total_amount,
  LineItem: answeredLineItem,
  CancelledLineItem: cancelledLineItem,
  CancelledTax: cancelledTax,
  Tax: answeredTax,
  Discount: answeredDiscount,
  Payment: answeredPayment,
  FiscalState: fiscal,
  Hint: hint,
  Operation: operation,
  OperationListResponse: operationList,
  SaleOperation: saleOperation,
  ReturnOperation: returnOperation,
  ExchangeOperation: exchangeOperation,
  DepositOperation: depositOperation,
  DepositCaptureOperation: depositCaptureOperation,
  ReversalOperation: reversalOperation,
  OrderMoveOperation: orderMoveOperation,
  SettledOrderLine: settledOrderLine,
  MovedOrderLine: movedOrderLine,
  AllocationGroup: allocationGroupDto,
  AllocationGroupListResponse: allocationGroupList,
  VatRate: vatRate,
  VatRateListResponse: vatRateList,
  OrderOperation: orderOperation,
  TransferOperation: transferOperation,
  EmployeeBenefitOperation: employeeBenefitOperation,
  SessionOpenOperation: sessionOpenOperation,
  SessionCashAdjustmentOperation: sessionCashAdjustmentOperation,
  SessionCashCountOperation: sessionCashCountOperation,
  SessionCloseOperation: sessionCloseOperation,
  CountForeignCashDto: countedCurrency,
  ForeignCash: foreignCash,
  FiscalInformation: fiscalInformation,
  ReturnedBeyondSaleHint: returnedBeyondSale,
  VoucherBeyondSaleHint: voucherBeyondSale,
  ClosedByPrinterHint: closedByPrinter,
  EmergencyEntriesHint: emergencyEntries,
  RtDocumentsUnknownHint: rtDocumentsUnknown,
  DrawerBelowZeroHint: drawerBelowZero,
}

const REST: Components = {
  Explanation: explanation,
  Receipt: receipt,
  ReceiptLine: receiptLine,
  ReceiptAmount: receiptAmount,
  ReceiptText: receiptText,
  InterimCount: interimCount,
  Session: session,
  SessionListResponse: sessionList,
  CreateCashDrawerOpeningDto: createDrawerOpening,
  CashDrawerOpening: drawerOpening,
  CashDrawerOpeningListResponse: drawerOpeningList,
  Cashier: cashier,
  CreateClosingDto: createClosing,
  Closing: closing,
  ClosingListResponse: closingList,
  ClosingTotals: closingTotals,
  CreatePrintoutDto: createPrintout,
  Printout: printout,
  NamedSum: namedSum,
  ClaimSum: claimSum,
  CountedSum: countedSum,
  CreateExportDto: createExport,
  Export: exportJob,
  Device: device,
  DeviceListResponse: deviceList,
  Duty: duty,
  DutyStep: dutyStep,
  DutyWaitsFor: waitsFor,
  DutyListResponse: dutyList,
  Overview: overview,
  Change: change,
  JournalEvent: journalEvent,
  JournalListResponse: journalPage,
  Health: health,
  Readiness: readiness,
  SyncTarget: syncTarget,
  SyncTargetListResponse: syncTargetList,
  SyncError: syncError,
  Warning: warning,
}

/** All of them, with those of the laws; their open parts are still open. */
export function componentsOf(laws: readonly ShapedLaw[]): Components {
  return { ...MERCHANTS, ...identities(laws), ...OPERATIONS, ...fiscalInformationOf(laws), ...REST }
}

function identities(laws: readonly ShapedLaw[]): Components {
  const known = laws.flatMap(({ country, shapes: { identity } }) =>
    identity === undefined ? [] : [{ country, ...identity }],
  )
  const sentAlone = known.filter(({ sent, shown }) => sent !== shown)
  return Object.fromEntries([
    ...known.map(({ country, shown }) => [`FiscalIdentity${country}`, shown]),
    ...sentAlone.map(({ country, sent }) => [`CreateFiscalIdentity${country}Dto`, sent]),
  ])
}

function fiscalInformationOf(laws: readonly ShapedLaw[]): Components {
  const own = laws.map(({ name, shapes }) => ({
    [`FiscalInformation${name}`]: shapes.fiscalInformation,
    ...shapes.components,
  }))
  return Object.assign({}, ...own)
}
