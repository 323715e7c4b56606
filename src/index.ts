/** The public surface: re-exports only. */

export type { Admin, FoundSource } from './admin.ts'
export { createAdmin } from './admin.ts'
export type { FormatName } from './audit/format/format.ts'
export type { AnchorOption, AuditOption } from './audit/option.ts'
export type { SinkOption } from './audit/sink/option.ts'
export type { AdminOptions, Configuration, LogLevel } from './config.ts'
export { defineAdmin } from './config-file.ts'
export type { SourceDefinition } from './data/source-definition.ts'
export type { ErrorCode, Mistake } from './errors.ts'
export { AdminError } from './errors.ts'
export type {
  ContextAsked,
  OwnComponent,
  OwnComponentName,
  OwnComponentProps,
  OwnComponents,
  OwnComponentValues,
  OwnContext,
  OwnFormProps,
  OwnLayout,
  OwnSlots,
} from './faces/own-component.ts'
export type { MenuEntry, OwnPage, OwnPageContext } from './faces/own-page.ts'
export type { Call } from './gate/call.ts'
export { currentContext } from './gate/current-context.ts'
export type { Effect, EventReference, FieldChange, Outcome, Plan } from './gate/outcome.ts'
export type {
  OwnAccessContext,
  OwnAction,
  OwnAnswer,
  OwnFile,
  OwnPlace,
  OwnPlan,
  OwnPlanContext,
  OwnReader,
  OwnRecords,
  OwnResult,
  OwnRunContext,
  OwnTarget,
  OwnWritten,
} from './gate/own-action.ts'
export { defineAction } from './gate/own-action.ts'
export type { HostId, PeopleOption } from './identity/host-people.ts'
export type { LetterKind } from './identity/letter.ts'
export type { OidcProvider, OidcRoles } from './identity/oidc/option.ts'
export type { Principal } from './identity/principal.ts'
export type { MailContext, MailTemplate } from './mail/compose.ts'
export type { MailContent, Message } from './mail/message.ts'
export type { MailOption } from './mail/option.ts'
export type {
  ContextPrincipal,
  ContextRequest,
  CurrentContext,
  HookContext,
  Inaccessible,
  PermissionContext,
  PrepareContext,
} from './model/hook.ts'
export type { Field, FieldType, Key, Model, Relation, Sensitivity, Value, Values } from './model/model.ts'
export type {
  AllowedAction,
  ComputedOption,
  FieldOption,
  FormOption,
  InlineOption,
  ListOption,
  ModelOptions,
  RelationOption,
} from './model/options.ts'
export type { PasswordsOption, SourceOption } from './options.ts'
export type { Condition, FieldCondition, PolicyDocument, Role, Rule, When } from './policy/document.ts'
export { forbid, permit } from './policy/permit.ts'
export { SEEDED_POLICY } from './policy/seeded.ts'
