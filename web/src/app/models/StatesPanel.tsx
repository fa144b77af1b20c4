/** The language models: what each is asked for, and how it does. */
import type { ModelsNow } from "../api/models";
import { readable, wholeTime } from "../format";
import { Scroll } from "../deciding/Scroll";
import { Tag } from "../ui/small";
import { modelWords } from "../words/models";
import css from "./models.module.css";

const said = modelWords.states;
const tones: Record<string, "green" | "amber" | "red"> = { closed: "green", half_open: "amber", open: "red" };

export const roleName = (role: string): string => modelWords.roles[role] ?? readable(role);

export function StatesPanel({ found }: { found: ModelsNow }) {
  const saved = found.roles.filter((role) => role.closed && role.models.length > 0);
  return (
    <section className={css.panel} aria-labelledby="states-title">
      <h2 id="states-title">{said.title}</h2>
      {found.models.length === 0 && <p>{said.none}</p>}
      {found.models.length > 0 && (
        <Scroll label={said.title}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{said.model}</th>
                <th scope="col" data-words="">
                  {said.roles}
                </th>
                <th scope="col" data-words="">
                  {said.state}
                </th>
                <th scope="col">{said.since}</th>
              </tr>
            </thead>
            <tbody>
              {found.models.map((model, at) => (
                <tr key={at}>
                  <th scope="row" dir="ltr">
                    {model.name}
                  </th>
                  <td data-words="">{model.roles.map(roleName).join(", ")}</td>
                  <td data-words="">
                    <Tag tone={tones[model.state]}>{said.names[model.state] ?? readable(model.state)}</Tag>
                    {model.last_failure && model.state !== "closed" && <small>{said.last(readable(model.last_failure))}</small>}
                  </td>
                  <td>{wholeTime(model.since)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {saved.length > 0 && (
        <p>
          {said.closed}: {saved.map((role) => roleName(role.role)).join(", ")}
        </p>
      )}
    </section>
  );
}
