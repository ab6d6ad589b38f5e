import type {
  DescEnum,
  DescExtension,
  DescMessage,
  DescService,
  FileRegistry,
} from '@bufbuild/protobuf';

/** A type that modules which import this one no longer find. */
export interface LostType {
  readonly rule: string;
  readonly name: string;
  /** Import name of its file before. */
  readonly file: string;
  readonly package: string;
  readonly what: string;
  readonly fix: string;
}

type Top = DescMessage | DescEnum | DescExtension | DescService;

/**
 * Types that are gone and that nothing in the module used: they were there for others, as the
 * payload of a topic or as an import. What the module uses is compared where it is used.
 */
export function lostTypes(
  before: FileRegistry,
  after: FileRegistry,
  own: ReadonlySet<string>,
): LostType[] {
  const used = usedBy(before);
  const top = [...before].filter((type): type is Top => own.has(`${type.file.name}.proto`));
  return top.flatMap((type): LostType[] => {
    if (type.kind === 'service') return lostService(type, after);
    if (type.kind === 'extension') return lostExtension(type, after);
    if (type.parent !== undefined || after.get(type.typeName) !== undefined) return [];
    if (used.has(type.typeName)) return [];
    return [
      {
        ...placeOf(type),
        rule: `protobuf/${type.kind}-removed`,
        what: `the ${type.kind} ${type.typeName} is gone, and nothing in the module used it: it was there for others`,
        fix: 'keep it and mark it deprecated until no other module imports it and no message has it',
      },
    ];
  });
}

const placeOf = (type: Top): Pick<LostType, 'name' | 'file' | 'package'> => ({
  name: type.name,
  file: `${type.file.name}.proto`,
  package: type.file.proto.package,
});

/** Buf looks for a service in its package, and finds nothing wrong when the package is gone. */
function lostService(type: DescService, after: FileRegistry): LostType[] {
  if (after.getService(type.typeName) !== undefined) return [];
  return [
    {
      ...placeOf(type),
      rule: 'protobuf/service-removed',
      what: `the service ${type.typeName} is gone`,
      fix: 'keep the service and mark it deprecated until it has no callers',
    },
  ];
}

function lostExtension(type: DescExtension, after: FileRegistry): LostType[] {
  const now = [...after].find(
    (other): other is DescExtension =>
      other.kind === 'extension' &&
      other.extendee.typeName === type.extendee.typeName &&
      other.number === type.number,
  );
  const fix = `keep it, or declare another extension with a new number`;
  const subject = `the extension ${type.typeName} of ${type.extendee.name}`;
  if (now === undefined) {
    const what = `${subject} is gone`;
    return [{ ...placeOf(type), rule: 'protobuf/extension-removed', what, fix }];
  }
  const isSame =
    now.proto.type === type.proto.type &&
    now.proto.label === type.proto.label &&
    now.proto.typeName === type.proto.typeName &&
    now.typeName === type.typeName;
  if (isSame) return [];
  const what = `${subject} has another type or name under the same number`;
  return [{ ...placeOf(type), rule: 'protobuf/extension-changed', what, fix }];
}

/** Names of the types that calls and fields of other types use. */
function usedBy(module: FileRegistry): Set<string> {
  const used = new Set<string>();
  for (const type of module) {
    if (type.kind === 'service') {
      for (const { input, output } of type.methods) used.add(input.typeName).add(output.typeName);
    } else if (type.kind === 'message') {
      for (const { message, enum: values } of type.fields) {
        for (const name of [message?.typeName, values?.typeName]) {
          if (name !== undefined && name !== type.typeName) used.add(name);
        }
      }
    } else if (type.kind === 'extension' && type.message !== undefined) {
      used.add(type.message.typeName);
    }
  }
  return used;
}
