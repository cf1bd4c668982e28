import { writeElf } from './elf-writer.ts';
import { hexId } from './identifiers.ts';
import type { GoProgram } from './workload.ts';

/** Sentinels around the module text (cmd/go/internal/modload, infoStart and infoEnd). */
const INFO_START = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const INFO_END = Buffer.from('f932433186182072008242104116d8f2', 'hex');
const HEADER_BYTES = 72;
const FUNC_BYTES = 44;

/** A Go executable as far as its build information and function names go; nothing can run it. */
export function goBinary(program: GoProgram): Uint8Array {
  return writeElf([
    { name: '.text', bytes: new Uint8Array(64), writable: false },
    { name: '.gopclntab', bytes: functionTable(program), writable: false },
    { name: '.go.buildinfo', bytes: buildInfo(program), writable: true },
  ]);
}

/** An executable that is not Go. */
export function otherBinary(): Uint8Array {
  return writeElf([
    { name: '.text', bytes: new Uint8Array(64), writable: false },
    { name: '.data', bytes: new Uint8Array(64), writable: true },
  ]);
}

function moduleText(program: GoProgram): string {
  const sum = (name: string) => `h1:${Buffer.from(hexId(name), 'hex').toString('base64')}`;
  const client = program.serves.metrics === '1.14' ? 'v1.14.0' : 'v1.20.5';
  const name = 'github.com/prometheus/client_golang';
  return [
    `path\t${program.module}`,
    `mod\t${program.module}\t(devel)\t`,
    ...(program.serves.metrics === undefined ? [] : [`dep\t${name}\t${client}\t${sum(client)}`]),
    'build\t-buildmode=exe',
    'build\t-compiler=gc',
    'build\t-ldflags="-s -w"',
    ...(program.defaultGodebug === undefined ? [] : [`build\tDefaultGODEBUG=${program.defaultGodebug}`]),
    'build\tCGO_ENABLED=0',
    'build\tGOARCH=amd64',
    'build\tGOOS=linux',
    'build\tGOAMD64=v1',
    'build\tvcs=git',
    `build\tvcs.revision=${hexId(program.module).slice(0, 40)}`,
    'build\tvcs.modified=false',
    '',
  ].join('\n');
}

/** The inline form of Go 1.18 and later (debug/buildinfo): header, version, module text, both with their lengths as uvarints. */
function buildInfo(program: GoProgram): Uint8Array {
  const header = Buffer.alloc(32);
  header.write('\xff Go buildinf:', 'latin1');
  header[14] = 8;
  header[15] = 2;
  const version = Buffer.from(program.version, 'latin1');
  const modules = Buffer.concat([INFO_START, Buffer.from(moduleText(program), 'utf8'), INFO_END]);
  const body = Buffer.concat([header, uvarint(version.length), version, uvarint(modules.length), modules]);
  return Buffer.concat([body, Buffer.alloc(16 - (body.length % 16))]);
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function functionNames({ serves }: GoProgram): string[] {
  const promhttp = 'github.com/prometheus/client_golang/prometheus/promhttp';
  return [
    'runtime.main',
    'main.main',
    ...(serves.pprof === true
      ? ['net/http/pprof.init.0', 'net/http/pprof.Index', 'net/http/pprof.handler.ServeHTTP']
      : []),
    ...(serves.expvar === true ? ['expvar.init.0', 'expvar.expvarHandler', 'expvar.Handler'] : []),
    ...(serves.metrics === undefined ? [] : [`${promhttp}.HandlerFor`, `${promhttp}.HandlerFor.func1`]),
  ];
}

/** A .gopclntab as the linker lays it out (internal/abi and debug/gosym): header, names, then the table of functions. */
function functionTable(program: GoProgram): Uint8Array {
  const minor = Number(/^go1\.(\d+)/.exec(program.version)?.[1] ?? '0');
  const names = functionNames(program).map((name) => Buffer.from(`${name}\0`, 'latin1'));
  const nameBytes = Buffer.concat(names);
  const tableOffset = Math.ceil((HEADER_BYTES + nameBytes.length) / 8) * 8;
  const functionsAt = (names.length * 2 + 1) * 4;
  const table = Buffer.alloc(tableOffset + functionsAt + names.length * FUNC_BYTES);
  table.writeUInt32LE(minor >= 20 ? 0xfffffff1 : 0xfffffff0, 0);
  table[6] = 1; // smallest instruction
  table[7] = 8; // pointer size
  // Go 1.26 leaves textStart 0. The tables for source lines are empty here.
  const header = [
    names.length,
    1,
    minor >= 26 ? 0 : 0x401000,
    HEADER_BYTES,
    tableOffset,
    tableOffset,
    tableOffset,
    tableOffset,
  ];
  for (const [slot, value] of header.entries()) table.writeBigUInt64LE(BigInt(value), 8 + slot * 8);
  table.set(nameBytes, HEADER_BYTES);
  let nameAt = 0;
  for (const [index, name] of names.entries()) {
    const entry = index * 4;
    table.writeUInt32LE(entry, tableOffset + index * 8);
    table.writeUInt32LE(functionsAt + index * FUNC_BYTES, tableOffset + index * 8 + 4);
    table.writeUInt32LE(entry, tableOffset + functionsAt + index * FUNC_BYTES);
    table.writeInt32LE(nameAt, tableOffset + functionsAt + index * FUNC_BYTES + 4);
    nameAt += name.length;
  }
  table.writeUInt32LE(names.length * 4, tableOffset + names.length * 8);
  return table;
}
