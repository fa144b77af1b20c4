"""OpenAPI documents for the tests of imports: an ordinary shop's, and one that does what documents should not."""

from typing import Any

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers:
  - url: https://{region}.shop.example/v2/
    variables: {region: {default: eu}}
security: [{bearerAuth: []}]
paths:
  /orders/{orderId}:
    parameters:
      - $ref: '#/components/parameters/OrderId'
    get:
      operationId: getOrder
      summary: One order
      description: |
        With its items,
        and where they are
      parameters:
        - {name: fields, in: query, schema: {type: array, items: {type: string}}}
        - {name: "filter[status]", in: query, schema: {type: string, nullable: true, enum: [open, sent]}}
        - {name: Accept-Language, in: header, schema: {type: string}}
        - {name: X-Market, in: header, schema: {type: string, pattern: "^[A-Z]{2}$"}}
        - {name: trace, in: cookie, schema: {type: string}}
      responses: {200: {description: The order}}
    delete:
      summary: Cancel
      deprecated: true
      responses: {204: {description: Gone}}
    patch:
      operationId: changeAddress
      requestBody:
        required: true
        content:
          application/json; charset=utf-8: {schema: {$ref: '#/components/schemas/Address'}}
  /orders:
    get:
      operationId: list-orders
      parameters:
        - {name: since, in: query, required: true, schema: {type: string, format: date, example: 2020-01-31}}
        - {name: country, in: query, schema: {type: string, enum: [no, se]}}
  /refunds:
    post:
      operationId: Refunds.create!
      summary: Pay back
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - $ref: '#/components/schemas/Owned'
                - type: object
                  required: [amount_cents, currency]
                  properties:
                    amount_cents: {type: integer, minimum: 0, exclusiveMinimum: true}
                    currency: {type: string}
                    note: {type: string, nullable: true, pattern: "(a+)+$"}
                    lines:
                      type: array
                      items: {properties: {sku: {type: string}}}
                    extra: {type: object, nullable: true, properties: {a: {type: string}}}
    get:
      operationId: refunds_create
  /orders/{orderId}/files:
    post:
      parameters:
        - $ref: '#/components/parameters/OrderId'
      requestBody:
        content: {multipart/form-data: {schema: {type: object}}}
    options: {summary: cors}
  /{orderId}/move/{to}:
    put:
      parameters:
        - {name: orderId, in: path, required: true, schema: {type: string}}
        - {name: to, in: path, required: true, schema: {type: integer}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {to: {type: string}, why: {type: string}}}}}}
components:
  securitySchemes: {bearerAuth: {type: http, scheme: bearer}}
  parameters:
    OrderId: {name: orderId, in: path, required: true, description: "The  order's number", schema: {type: string}}
  schemas:
    Owned:
      type: object
      required: [customer_id, id]
      properties:
        id: {type: string, readOnly: true}
        customer_id: {type: string}
    Address:
      type: object
      required: [street]
      properties: {street: {type: string, maxLength: 100}, orderId: {type: string}}
"""


def nasty() -> dict[str, Any]:
    """Each path goes wrong in its own way; only `/fine` does not."""

    def posted(schema: Any, **more: Any) -> dict[str, Any]:
        return {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, **more}}

    def asked(*parameters: Any) -> dict[str, Any]:
        return {"get": {"parameters": list(parameters)}}

    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    string = {"type": "string"}
    with_b = {"type": "object", "properties": {"b": string}}
    bomb = {f"B{n}": {"type": "object", "properties": {f"p{k}": ref(f"B{n + 1}") for k in range(10)}} for n in range(6)}
    deep: Any = string
    for _ in range(40):
        deep = {"type": "object", "properties": {"x": deep}}
    return {
        "openapi": "3.1.0",
        "servers": [{"url": "https://nasty.example"}],
        "paths": {
            "/fine": posted({"type": "object", "properties": {"a": string}}),
            "/recursive": posted(ref("Tree")),
            "/recursive-list": posted({"type": "object", "properties": {"all": {"type": "array", "items": ref("Tree")}}}),
            "/circle": {"$ref": "#/paths/~1circle"},
            "/circle-of-refs": posted(ref("A")),
            "/remote": posted({"$ref": "https://elsewhere.example/schema.json#/A"}),
            "/remote-file": asked({"$ref": "other.yaml#/components/parameters/X"}),
            "/lost": posted(ref("Nowhere")),
            "/not-a-reference": posted({"$ref": 7}),
            "/bomb": posted(ref("B0")),
            "/deep": posted({"type": "object", "properties": {"x": deep}}),
            "/array": posted({"type": "array", "items": string}),
            "/free": posted({"type": "object", "additionalProperties": True}),
            "/either": posted({"oneOf": [{"type": "object", "properties": {"a": string}}, {"type": "object"}]}),
            "/both": posted({"type": "object", "properties": {"x": {"properties": {"a": string}, "oneOf": [with_b]}}}),
            "/clash": posted({"allOf": [{"type": "object", "properties": {"a": string}}, {"properties": {"a": {"type": "integer"}}}]}),
            "/xml": {"post": {"requestBody": {"content": {"application/xml": {}}}}},
            "/merge-patch": {"patch": {"requestBody": {"content": {"application/merge-patch+json": {"schema": {}}}}}},
            "/cookie": asked({"name": "sid", "in": "cookie", "required": True, "schema": string}),
            "/body-of-get": {"get": {"requestBody": {"required": True, "content": {}}}},
            "/deep-object": asked({"name": "q", "in": "query", "required": True, "style": "deepObject", "schema": {"type": "object"}}),
            "/object": asked({"name": "q", "in": "query", "required": True, "schema": {"properties": {"a": string}}}),
            "/json-parameter": asked({"name": "q", "in": "query", "required": True, "content": {"application/json": {}}}),
            "/host": asked({"name": "Host", "in": "header", "required": True, "schema": string}),
            "/webhook-id": asked({"name": "webhook-id", "in": "header", "required": True, "schema": string}),
            "/header": asked({"name": "a b\r\nc", "in": "header", "required": True, "schema": string}),
            "/{a}/unfilled": asked(),
            "/unplaced": asked({"name": "a", "in": "path", "required": True, "schema": string}),
            "/list/{a}": asked({"name": "a", "in": "path", "required": True, "schema": {"type": "array"}}),
            "/brace/{": asked(),
            "no-slash": asked(),
            "/spa ce": asked(),
            "/@evil.example": {"get": {"servers": [{"url": "https://user:pass@evil.example"}]}},
            "/elsewhere": {"get": {"servers": [{"url": "https://nasty.example/?x=1"}]}},
            "/no-parameters": {"get": {"parameters": 7}},
            "/odd-parameters": asked(7),
            "/nameless": asked({"in": "query"}),
            "/operation": {"get": "hello"},
            "/item": 7,
            "/nul": posted({"type": "object", "properties": {"a": {"type": "string", "enum": ["\0"]}}}),
            "/huge": posted({"type": "object", "properties": {"a": {"type": "string", "enum": [f"{n:010}" for n in range(5_000)]}}}),
            "/no-schema": posted({"type": "object", "properties": {"a": {"type": "strange"}}}),
            "/number": posted({"type": "object", "properties": {"a": {"type": "string", "const": 10**400}}}),
        },
        "components": {
            "schemas": {
                "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": ref("Tree")}}},
                "A": ref("B"),
                "B": ref("A"),
                **bomb,
                "B6": string,
            }
        },
    }  # fmt: skip
