import { ledgerError } from '../errors.ts';
import type { Setting } from './settings.ts';

const MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = {
  '': 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
} as const;

/** `30d`, `12h`, `90m`, in ms. */
export function spanOf({ name, value }: Setting): number {
  const parts = /^([1-9]\d{0,5})([mhd])$/.exec(value);
  if (parts === null) throw ledgerError('ARGUMENT_INVALID', name, 'a time such as 30d, 12h or 90m', value);
  return Number(parts[1]) * MS[parts[2] as keyof typeof MS]; // sound: the expression lets only these units through
}

/** `20GiB`, `500MB`, or a plain number. */
export function sizeOf({ name, value }: Setting): number {
  const parts = /^([1-9]\d{0,14}) ?([KMGT]I?B)?$/i.exec(value);
  if (parts === null) throw ledgerError('ARGUMENT_INVALID', name, 'a size such as 20GiB, 500MB or 1000000', value);
  const unit = (parts[2] ?? '').toUpperCase();
  return Number(parts[1]) * BYTES[unit as keyof typeof BYTES]; // as above
}
