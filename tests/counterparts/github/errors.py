"""A refusal, as GitHub words it."""


class Refusal(Exception):
    def __init__(self, status, message, *, headers=None, errors=None):
        super().__init__(message)
        self.status, self.message = status, message
        self.headers, self.errors = headers or {}, errors

    def body(self):
        told = {
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(self.status),
        }
        return told | ({"errors": self.errors} if self.errors else {})


def not_found():
    return Refusal(404, "Not Found")


def invalid(field, code="missing_field"):
    return Refusal(422, "Validation Failed", errors=[{"resource": "Field", "field": field, "code": code}])
