"""What the account mutations take."""

import strawberry


@strawberry.input(description="A new account.")
class SignUpInput:
    email: str = strawberry.field(description="The address to sign in with.")
    password: str = strawberry.field(description="8 to 256 characters.")
    display_name: str = strawberry.field(description="1 to 80 characters; stands on the person's tracks.")


@strawberry.input(description="The credentials of an account.")
class SignInInput:
    email: str = strawberry.field(description="The address of the account.")
    password: str = strawberry.field(description="Its password.")
