/** What a change of the rules would do to messages that customers wrote: how many, which, and why. */
import { Link } from "wouter";
import type { RouteKind, Routed, Sandbox, Tried } from "../api/policy";
import { readable, wholeTime } from "../format";
import { Figure } from "../knowledge/frame";
import { type Tone, Tag } from "../ui/small";
import { policyWords } from "../words/policy";
import { Scroll } from "./fields";
import css from "./policy.module.css";

const said = policyWords.result;
const kinds: readonly RouteKind[] = ["assist", "attempt", "offer", "people"];
const tones: Record<RouteKind, Tone> = { assist: "green", attempt: "blue", offer: "amber", people: "accent" };

const ruleName = (rule: string): string => policyWords.ruleNames[rule] ?? readable(rule);

/** Who would handle it, and the rule's reason. */
export function Way({ way }: { way: Routed }) {
  return (
    <span className={css.way}>
      <Tag tone={tones[way.route]}>{said.kinds[way.route]}</Tag>
      <span dir="auto">{way.reason}</span>
    </span>
  );
}

function Change({ tried }: { tried: Tried }) {
  return (
    <li className={css.change}>
      <p dir="auto">{tried.text}</p>
      <dl>
        <div>
          <dt>{said.now}</dt>
          <dd>
            <Way way={tried.live} />
          </dd>
        </div>
        <div>
          <dt>{said.after}</dt>
          <dd>
            <Way way={tried.proposed} />
          </dd>
        </div>
      </dl>
      <small>
        <time dateTime={tried.at}>{wholeTime(tried.at)}</time> · {said.tier} <bdi>{tried.tier}</bdi>
        {tried.conversation_id && (
          <>
            {" · "}
            <Link href={`/conversations/${tried.conversation_id}`}>{said.open}</Link>
          </>
        )}
      </small>
    </li>
  );
}

export function SandboxResult({ found }: { found: Sandbox }) {
  const moved = found.by_rule.filter((row) => row.live !== row.proposed);
  if (!found.messages) return <p className={css.dim}>{said.noMessages}</p>;
  return (
    <div className={css.result}>
      <p role="status">
        <strong>{found.changed ? said.changed(found.changed) : said.none}</strong> {said.looked(found.messages)} {!found.is_all && said.notAll}
      </p>
      <div className={css.figures}>
        {kinds.map((kind) => (
          <Figure key={kind} label={said.kinds[kind] ?? kind}>
            {found.live[kind]} {found.live[kind] === found.proposed[kind] ? "" : <span className={css.then}>→ {found.proposed[kind]}</span>}
          </Figure>
        ))}
      </div>
      {moved.length > 0 && (
        <Scroll label={said.rules}>
          <table>
            <caption>{said.rules}</caption>
            <thead>
              <tr>
                <th scope="col">{said.rule}</th>
                <th scope="col">{said.now}</th>
                <th scope="col">{said.after}</th>
              </tr>
            </thead>
            <tbody>
              {moved.map((row) => (
                <tr key={row.rule}>
                  <th scope="row">{ruleName(row.rule)}</th>
                  <td>{row.live}</td>
                  <td>{row.proposed}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {found.changes.length > 0 && (
        <ul className={css.changes} aria-label={said.changed(found.changed)}>
          {found.changes.map((tried, at) => (
            <Change key={tried.turn_id ?? at} tried={tried} />
          ))}
        </ul>
      )}
      {found.changed > found.changes.length && <p className={css.dim}>{said.more(found.changed - found.changes.length)}</p>}
    </div>
  );
}
